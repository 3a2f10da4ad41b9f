#pragma once

#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/sorts.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>

namespace pinfold {

/// Sorts the elements of `in` into `out`, stable: elements of which neither comes before the other
/// keep their order. Without `less` it sorts ascending, by a < b.
///
///     pinfold::Pool pool;
///     const auto years = pool.array(std::vector<int>{1969, 1815, 1906});
///     const auto sorted = pool.array<int>(years.size());
///     pinfold::sort(pool, years, sorted);
///     assert(sorted[0] == 1815 && sorted[2] == 1969);
///     pinfold::sort(pool, years, sorted, std::greater<>{});
///     assert(sorted[0] == 1969);
///
/// The input is an array of the pool, a span of one, or a file of elements, which may be larger
/// than the arena; the output is one of the same size and type. They may not overlap, else
/// std::invalid_argument: `in` stays as it is, so a worker that dies loses nothing, before and
/// between the passes over the elements. When the job ends by an exception, `out` holds anything.
///
/// `less(a, b)` is a strict weak order, as for std::stable_sort; it is called in the workers, and
/// what crosses with it is as for map_reduce(). What it throws ends the job with JobFailed.
/// Numbers of up to 64 bits that are sorted by std::less or std::greater are not compared: they are
/// sorted by their digits. Then both zeros are equal, and every NaN comes last.
///
/// Settings are as for map_reduce(). `grain` is how many elements a chunk takes, of which the
/// result does not depend. All passes are one job: its report counts the chunks of all, and
/// has the time of each in `phase_seconds`. OnPoison::skip and a journal are refused.
///
/// Memory: one temporary buffer of the input's size in the arena, from the beginning of the call to
/// its end; std::system_error tells before any work that there is none. Beside it a sort by digits
/// has up to a few MiB in the arena, and in each worker some thousandth of the input, more where a
/// sample misses a crowd of keys.
/// Run time: O(n) for numbers by their digits, else O(n log n) comparisons in passes of which each
/// is spread over all workers. A merge sort whose borders are found by merge path (Odeh, Green,
/// Mwassi, Shmueli and Birk, 2012), and a sample sort before a radix sort from the top.
template <typename In, typename Out, typename Less>
requires(!detail::is_options<Less>) JobReport
    sort(Pool& pool, const In& in, const Out& out, Less less, const JobSettings& settings = {}) {
    return detail::sort_array(pool, in, out, less, settings);
}

template <typename In, typename Out>
JobReport sort(Pool& pool, const In& in, const Out& out, const JobSettings& settings = {}) {
    return detail::sort_array(pool, in, out, std::less<>{}, settings);
}

// What is none of these calls.

template <typename... Arguments>
JobReport sort(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: sort(pool, array, output [, less] [, options])");
    return {};
}

}  // namespace pinfold

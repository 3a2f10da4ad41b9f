#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/histograms.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <type_traits>

namespace pinfold {

/// How many elements lie in each of `bins.count` bins of equal width from `bins.first` up to
/// `bins.last`, and how many lie elsewhere. Gives a JobResult<Histogram>.
///
///     pinfold::Pool pool;
///     const auto x = pool.array(std::vector<double>{0.5, 1.5, 1.75, -3, 4});
///     const auto h = pinfold::histogram(pool, x, pinfold::Bins{0, 4, 2}).value;
///     assert(h.counts[0] == 3 && h.counts[1] == 0 && h.below == 1 && h.above == 1);
///
/// x lies in bin floor((x - first) * (count / (last - first))), reckoned in double, and in none
/// where it is below `first`, or not below `last`, or not a number. The elements are numbers.
///
/// Run time: one pass over the input. Memory: a chunk's counts in each worker, and those of the
/// chunks that are ahead of the host; with many bins chunks are larger, and fewer ahead.
/// Input, deaths, errors and thread-safety: as for map_reduce(). Throws std::invalid_argument also
/// for bins that are none, more than most_bins, and a journal.
template <typename In = Range>
JobResult<Histogram> histogram(Pool& pool, const In& in, const Bins& bins,
                               const JobSettings& settings = {}) {
    if constexpr (detail::check_has_numbers<In>()) {
        detail::check_bins(bins);
        return detail::count_in_bins(pool, in, detail::BinOfNumber(bins), bins.count, settings);
    }
    return {};
}

/// The same for bins that a function tells: bin_of(x) is a whole number, the bin of x, of which
/// there are `count`. A negative one counts as below, and one of `count` or more as above.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("a man, a plan"));
///     const auto letters =
///         pinfold::histogram(pool, text, 26, [](char c) { return c - 'a'; }).value;
///     assert(letters.counts[0] == 4 && letters.counts['n' - 'a'] == 2 && letters.below == 4);
template <typename In = Range, typename Count, typename BinOf>
requires std::is_integral_v<Count> JobResult<Histogram> histogram(
    Pool& pool, const In& in, Count count, BinOf bin_of, const JobSettings& settings = {}) {
    if constexpr (detail::check_bin_function<BinOf, In>()) {
        const auto bins = static_cast<std::size_t>(count);
        detail::check_bins(Bins{0, 1, bins});
        return detail::count_in_bins(pool, in, bin_of, bins, settings);
    }
    return {};
}

// What is none of these calls.

template <typename... Arguments>
JobResult<Histogram> histogram(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: histogram(pool, range or array, Bins{first, last, count} [, "
                  "options]) or histogram(pool, range or array, count, bin_of [, options])");
    return {};
}

}  // namespace pinfold

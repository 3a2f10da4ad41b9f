#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/refusals.hpp>
#include <pinfold/engine/detail/algorithms/selections.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold {

/// Copies of all elements that `predicate` holds for, in their order, as an array of the pool: a
/// JobResult<shm::Array<T>>. Of a range, the numbers themselves. Of an input that is no row of
/// elements, such as lines, gather() collects what a map makes of them.
///
///     pinfold::Pool pool;
///     const auto x = pool.array(std::vector<double>{3, -1, 4, -1, 5});
///     const auto positive = pinfold::copy_if(pool, x, [](double v) { return v > 0; }).value;
///     assert(positive.size() == 3 && positive[0] == 3 && positive[2] == 5);
///
/// `predicate` is called as that of count_if(), and may be called again for an element: it depends
/// on the element and on its captures alone. Where a chunk that runs again keeps another number of
/// elements, the job ends with JobFailed.
///
/// Run time: one pass over the input, and one over what is kept. Memory: what is kept and some MiB,
/// and a chunk's elements in each worker. While the job runs it holds the address space, not the
/// memory, of an array that keeps all elements; where the pool's arena has less left, it counts
/// what is kept first, in a pass of its own.
/// Deaths, errors and thread-safety: as for inclusive_scan() and gather().
template <typename In = Range, typename Predicate>
auto copy_if(Pool& pool, const In& in, Predicate predicate, const JobSettings& settings = {}) {
    using Keep = detail::KeepIf<detail::Meant<Predicate>>;
    if constexpr (detail::check_predicate<Predicate, In>() && detail::check_is_in_a_row<In>()) {
        detail::check_runs_all_chunks("copy_if", settings);
        const auto input = detail::input_of(in);
        detail::check_elements_here(pool, input, predicate);
        return detail::select<detail::ElementCopy<In>>(pool, input, Keep{detail::meant(predicate)},
                                                       settings);
    } else {
        return JobResult<detail::Refused>{};
    }
}

/// The same into an output of the input's size, which it may not overlap: the elements lie at its
/// begin, and the call gives a JobResult of how many they are. What lies behind them stays as it
/// was. So no memory is taken for a new array, which costs more than all else.
///
///     pinfold::Pool pool;
///     const auto digits = pool.array<int>(10);
///     const auto odd = pinfold::copy_if(pool, pinfold::Range{0, 10}, digits,
///                                       [](auto k) { return k % 2 == 1; });
///     assert(odd.value == 5 && digits[0] == 1 && digits[4] == 9 && digits[5] == 0);
template <typename In = Range, typename Out, typename Predicate>
requires(detail::IsOutput<Out> &&
         !detail::is_options<Predicate>) auto copy_if(Pool& pool, const In& in, const Out& out,
                                                      Predicate predicate,
                                                      const JobSettings& settings = {}) {
    using Keep = detail::KeepIf<detail::Meant<Predicate>>;
    if constexpr (detail::check_predicate<Predicate, In>() && detail::check_is_in_a_row<In>() &&
                  detail::check_copied<In, Out>()) {
        detail::check_runs_all_chunks("copy_if", settings);
        const auto input = detail::input_of(in);
        detail::check_elements_here(pool, input, predicate);
        return detail::select_into(pool, input, Keep{detail::meant(predicate)},
                                   detail::output_of(out), settings);
    } else {
        return JobResult<detail::Refused>{};
    }
}

// What is none of these calls.

template <typename... Arguments>
auto copy_if(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: copy_if(pool, range or array [, output], predicate [, options])");
    return JobResult<detail::Refused>{};
}

}  // namespace pinfold

#pragma once

#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/find_first.hpp>
#include <pinfold/engine/detail/algorithms/in_a_row.hpp>
#include <pinfold/engine/detail/element_maps.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold {

/// The first element that `predicate` holds for: its place, which in a range is the number itself,
/// and a copy of it. Gives a JobResult<std::optional<Found<T>>>; nothing where it holds for none.
///
///     pinfold::Pool pool;
///     const auto x = pool.array(std::vector<int>{3, 1, 4, 1, 5});
///     const auto even = pinfold::find_if(pool, x, [](int v) { return v % 2 == 0; });
///     assert(even.value->at == 2 && even.value->value == 4);
///     assert(!pinfold::find_if(pool, x, [](int v) { return v > 5; }).value);
///
/// What it finds is the first in order, and the same on each run. Which elements behind it the
/// predicate is called for is not: workers stop as soon as they see that another one has found an
/// element before theirs. The input is a range, an array or a file; of lines and the like
/// min_element() and gather() find some.
///
/// Run time: that of count_if() up to the element, with a row of some thousand elements and a chunk
/// for each worker more, and some nanoseconds for each chunk behind it. With `rehearse` all
/// elements are looked at. Deaths, errors and thread-safety: as for map_reduce().
template <typename In = Range, typename Predicate>
auto find_if(Pool& pool, const In& in, Predicate predicate, const JobSettings& settings = {}) {
    if constexpr (detail::check_predicate<Predicate, In>() && detail::check_is_in_a_row<In>()) {
        return detail::find_first<detail::ElementCopy<In>>(pool, detail::input_of(in), predicate,
                                                           settings);
    } else {
        return JobResult<detail::Refused>{};
    }
}

// What is none of these calls.

template <typename... Arguments>
auto find_if(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: find_if(pool, range or array, predicate [, options])");
    return JobResult<detail::Refused>{};
}

}  // namespace pinfold

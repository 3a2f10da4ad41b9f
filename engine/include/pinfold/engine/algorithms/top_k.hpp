#pragma once

#include <concepts>
#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/top_of_chunks.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <type_traits>

namespace pinfold {

/// The `k` greatest elements of a range, an array or a file, the greatest first; all of them,
/// sorted so, where there are fewer. Of equal ones the first come first. Gives a
/// JobResult<std::vector<T>>.
///
///     pinfold::Pool pool;
///     const auto scores = pool.array(std::vector<int>{3, 9, 4, 9, 1});
///     const auto best = pinfold::top_k(pool, scores, 3);
///     assert((best.value == std::vector<int>{9, 9, 4}));
///     const auto least = pinfold::top_k(pool, scores, 2, std::greater<>{});
///     assert((least.value == std::vector<int>{1, 3}));
///
/// `less(a, b)` is a strict weak order, a < b where there is none, under which the greatest are
/// last. It is called in the workers, and here. Of a range the elements are its numbers,
/// which `less` may compare by anything. All else is as for gather(), on which it stands: deaths,
/// what crosses, settings.
///
/// Run time: about one comparison for each element, and some O(k log k) for each chunk. A chunk of
/// more than 64 k elements first looks at some of them; where these mislead, it compares all twice.
/// A chunk of the default grain has at least 8 k elements; for a k near the size of the input,
/// sort().
/// Memory: 2 k elements in each worker, and what `settings.look_ahead` chunks have found.
template <typename In = Range, std::integral K, typename Less>
requires(!detail::is_options<Less>) auto top_k(Pool& pool, const In& in, K k, Less less,
                                               const JobSettings& settings = {}) {
    if constexpr (detail::check_top<In>() && detail::check_order<Less, In>()) {
        using T = std::remove_cvref_t<detail::Element<In>>;
        return detail::top_of<T>(pool, in, detail::count_of(k), less, settings);
    } else {
        return JobResult<detail::Refused>{};
    }
}

template <typename In = Range, std::integral K>
auto top_k(Pool& pool, const In& in, K k, const JobSettings& settings = {}) {
    return top_k(pool, in, k, std::less<>{}, settings);
}

// What is none of these calls.

template <typename... Arguments>
auto top_k(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: top_k(pool, array, k [, less] [, options])");
    return JobResult<detail::Refused>{};
}

}  // namespace pinfold

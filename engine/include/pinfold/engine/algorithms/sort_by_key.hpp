#pragma once

#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/sorts.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>

namespace pinfold {

/// Sorts keys, and brings the value of each to the same place of another output. Stable: values of
/// equal keys keep their order.
///
///     pinfold::Pool pool;
///     const auto heights = pool.array(std::vector<int>{8849, 4810, 8611});
///     const auto places = pool.array(std::vector<std::uint32_t>{0, 1, 2});
///     const auto heights_out = pool.array<int>(3);
///     const auto places_out = pool.array<std::uint32_t>(3);
///     pinfold::sort_by_key(pool, heights, places, heights_out, places_out);
///     assert(heights_out[0] == 4810 && places_out[0] == 1);
///
/// Each of the four is as for sort(), and none of the outputs may overlap another array; all have
/// the same size. Everything else is as for sort(): the order, what crosses, deaths, settings, run
/// time. Memory: a temporary buffer of the keys' and the values' size.
///
/// A large value moves as often as its key. Sort its number in its place, as above, and look it up
/// behind.
template <typename Keys, typename Values, typename KeysOut, typename ValuesOut, typename Less>
requires(!detail::is_options<Less>) JobReport
    sort_by_key(Pool& pool, const Keys& keys, const Values& values, const KeysOut& keys_out,
                const ValuesOut& values_out, Less less, const JobSettings& settings = {}) {
    return detail::sort_keys_and_values(pool, keys, values, keys_out, values_out, less, settings);
}

template <typename Keys, typename Values, typename KeysOut, typename ValuesOut>
JobReport sort_by_key(Pool& pool, const Keys& keys, const Values& values, const KeysOut& keys_out,
                      const ValuesOut& values_out, const JobSettings& settings = {}) {
    return detail::sort_keys_and_values(pool, keys, values, keys_out, values_out, std::less<>{},
                                        settings);
}

// What is none of these calls.

template <typename... Arguments>
JobReport sort_by_key(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: sort_by_key(pool, keys, values, output of keys, output of values "
                  "[, less] [, options])");
    return {};
}

}  // namespace pinfold

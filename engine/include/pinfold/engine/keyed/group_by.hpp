#pragma once

// Jobs whose chunks emit values for keys, which are collected key by key.

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/keyed/group_target.hpp>
#include <pinfold/engine/detail/keyed/keyed_jobs.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/keyed/errors.hpp>
#include <pinfold/engine/keyed/groups.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <string>

namespace pinfold {

namespace detail {

template <typename Key, typename Value, typename In, typename Job, typename Map>
JobResult<Groups<Key, Value>> group_keys(Pool& pool, const In& in, const Job& job, const Map& map,
                                         const JobSettings& settings) {
    JobResult<Groups<Key, Value>> result;
    if constexpr (check_key<Key>() && check_keyed_value<Value>()) {
        using Target = GroupTarget<Key, Value>;
        if constexpr (check_emits<Target, In, Job, Map>()) {
            result.value = Groups<Key, Value>(
                run_keyed(pool, in, job, map, Target{random_seed()}, settings, result.report));
        }
    }
    return result;
}

}  // namespace detail

/// Maps every chunk of `in` on the pool's workers, where the map calls emit(key, value) as often as
/// it likes, and collects the values of each key, in the order in which they were emitted.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("ant bee asp bat"));
///     const auto by_letter = pinfold::group_by<char, std::uint64_t>(
///         pool, pinfold::Words(text), [](const pinfold::ChunkWords& words, auto& emit) {
///             for (auto word = words.begin(); word != words.end(); ++word) {
///                 emit((*word)[0], word.offset());
///             }
///         });
///     assert(by_letter.value.find('a').size() == 2 && by_letter.value.find('a')[1] == 8);
///
/// The input, the map, keys and settings are as for map_reduce_by_key(). Memory: the groups; beside
/// them what chunks emitted since the last merge, up to one and a half times as much or 32 MiB, and
/// some 64ths of the groups while they are merged.
template <typename Key = std::string, typename Value = std::uint64_t, typename In = Range,
          typename Map>
JobResult<Groups<Key, Value>> group_by(Pool& pool, const In& in, Map map,
                                       const JobSettings& settings = {}) {
    return detail::group_keys<Key, Value>(pool, in, detail::NoJob{}, map, settings);
}

/// The same with a job, which each call of the map gets as its first argument.
template <typename Key = std::string, typename Value = std::uint64_t, typename In = Range,
          typename Job, typename Map>
requires(!detail::is_options<Map>) JobResult<Groups<Key, Value>> group_by(
    Pool& pool, const In& in, const Job& job, Map map, const JobSettings& settings = {}) {
    return detail::group_keys<Key, Value>(pool, in, job, map, settings);
}

// What is none of these calls.

template <typename... Arguments>
JobResult<Groups<std::string, std::uint64_t>> group_by(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: group_by<Key, Value>(pool, input, [job,] map [, settings])");
    return {};
}

}  // namespace pinfold

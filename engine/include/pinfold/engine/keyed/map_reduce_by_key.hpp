#pragma once

// Jobs whose chunks emit values for keys, which are combined key by key.

#include <cstdint>
#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/keyed/keyed_jobs.hpp>
#include <pinfold/engine/detail/keyed/reduce_target.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/keyed/errors.hpp>
#include <pinfold/engine/keyed/keyed_table.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <string>
#include <type_traits>

namespace pinfold {

namespace detail {

template <typename Value, typename Combine>
consteval bool check_combine() {
    static_assert(!is_options<Combine>,
                  "pinfold: the combining function is missing: map_reduce_by_key(pool, input, "
                  "[job,] map, combine [, settings])");
    if constexpr (!is_options<Combine> && check_function<Combine, false>()) {
        constexpr bool is_possible =
            std::is_invocable_r_v<Value, const Meant<Combine>&, Value, Value>;
        static_assert(is_possible,
                      "pinfold: the combining function is called as combine(a, b) with two values, "
                      "and returns them combined: is there an operator for this type, and is it "
                      "const?");
        if constexpr (is_possible) {
            constexpr bool keeps_type = !takes_other_number<Meant<Combine>, Value>;
            static_assert(keeps_type,
                          "pinfold: the combining function takes another type than the value, and "
                          "would convert each of them: give both the same type");
            return keeps_type;
        }
    }
    return false;
}

template <typename Key, typename Value, typename In, typename Job, typename Map, typename Combine>
JobResult<KeyedTable<Key, Value>> reduce_keys(Pool& pool, const In& in, const Job& job,
                                              const Map& map, const Combine& combine,
                                              const JobSettings& settings) {
    JobResult<KeyedTable<Key, Value>> result;
    if constexpr (check_key<Key>() && check_keyed_value<Value>() &&
                  check_combine<Value, Combine>()) {
        using Target = ReduceTarget<Key, Value, Meant<Combine>>;
        if constexpr (check_emits<Target, In, Job, Map>()) {
            check_pointers(pool, "the combining function", combine);
            result.value = KeyedTable<Key, Value>(run_keyed(pool, in, job, map,
                                                            Target{random_seed(), meant(combine)},
                                                            settings, result.report));
        }
    }
    return result;
}

}  // namespace detail

/// Maps every chunk of `in` on the pool's workers, where the map calls emit(key, value) as often as
/// it likes, and combines the values of each key: combine(combine(a, b), c) of its values a, b, c
/// in the order in which they were emitted.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("to be or not\nto be\n"));
///     const auto counts = pinfold::map_reduce_by_key(
///         pool, pinfold::Lines(text),
///         [](std::string_view part, auto& emit) {
///             for (std::size_t end = 0, begin = 0; begin < part.size(); begin = end + 1) {
///                 end = std::min(part.find_first_of(" \n", begin), part.size());
///                 emit(part.substr(begin, end - begin), 1);
///             }
///         },
///         std::plus<>{});
///     assert(counts.value.size() == 4 && counts.value.at("to") == 2);
///
/// The map of lines, words and records gets the text of its chunk as one std::string_view, from the
/// first piece that starts in the chunk to the end of the last: `map(text, emit)`; of many files it
/// is called once for each that the chunk has a part of. One that takes `const ChunkLines&` gets
/// the pieces instead. Of a range it is `map(chunk, emit)`, of an array `map(elements, emit)`; the
/// chunk may stand in front of `emit`, and a job in front of all. `emit` is an `auto& emit`.
///
/// Key is std::string and Value std::uint64_t unless the call names others:
/// map_reduce_by_key<std::int32_t, double>(...). A key is a number, an enumeration, a struct
/// without padding, a std::string, or what crosses, see <pinfold/shm/crossing.hpp>: a std::pair, a
/// std::tuple or a struct of these, where two keys are the same if their messages are. Of floating
/// numbers 0 and -0 are one key, and all that are no number. Characters of a string that lie in the
/// chunk's text are not copied while they are counted, of others there is one copy a key.
///
/// `combine` is called in workers, so it crosses as the map does. It must be associative up to what
/// you care for, and need not be commutative. What is combined depends on the input, the grain and
/// the functions alone: floating-point sums have the same bits on every crew, with any number of
/// workers, whatever died.
///
/// `settings.grain` counts bytes of a text, and elements or numbers else. 0 takes at least 64
/// chunks, of at most 512 KiB of text, or as many elements as make rows of 960 KiB. The value
/// depends on it where `combine` rounds. A journal is refused. With OnPoison::skip what a skipped
/// chunk emitted is missing. A map that catches what `combine` throws goes on with a value that is
/// lost.
///
/// Memory: the table; beside it what chunks emitted since the last merge, 32 MiB or one and a half
/// tables, and what `settings.look_ahead` chunks emitted; 0 takes as many as have some 16 MiB. A
/// small arena makes both smaller. Throws TooManyKeys when the pool's memory is short of that; what
/// map_reduce() throws.
template <typename Key = std::string, typename Value = std::uint64_t, typename In = Range,
          typename Map, typename Combine>
JobResult<KeyedTable<Key, Value>> map_reduce_by_key(Pool& pool, const In& in, Map map,
                                                    Combine combine,
                                                    const JobSettings& settings = {}) {
    return detail::reduce_keys<Key, Value>(pool, in, detail::NoJob{}, map, combine, settings);
}

/// The same with a job, which each call of the map gets as its first argument.
template <typename Key = std::string, typename Value = std::uint64_t, typename In = Range,
          typename Job, typename Map, typename Combine>
requires(!detail::is_options<Combine>) JobResult<KeyedTable<Key, Value>> map_reduce_by_key(
    Pool& pool, const In& in, const Job& job, Map map, Combine combine,
    const JobSettings& settings = {}) {
    return detail::reduce_keys<Key, Value>(pool, in, job, map, combine, settings);
}

// What is none of these calls.

template <typename... Arguments>
JobResult<KeyedTable<std::string, std::uint64_t>> map_reduce_by_key(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: map_reduce_by_key<Key, Value>(pool, input, [job,] map, combine [, "
                  "settings])");
    return {};
}

}  // namespace pinfold

#pragma once

// Jobs whose results are consumed in chunk order while they run.

#include <cstddef>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/call_data.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/chunk_jobs.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/detail/stream_jobs.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <utility>

namespace pinfold {

namespace detail {

template <typename In, typename Job, typename Map, typename Consume>
consteval bool check_stream() {
    if constexpr (check_parts<In, Job, Map>()) {
        using R = ResultOf<In, Job, Map>;
        if constexpr (check_consume<R, Consume>()) {
            return check_result_crosses<R>();
        }
    }
    return false;
}

template <typename In, typename Job, typename Map, typename Consume>
JobReport map_and_consume(Pool& pool, const In& in, const Job& job, const Map& map,
                          Consume& consume, const JobSettings& settings) {
    if constexpr (check_stream<In, Job, Map, Consume>()) {
        using R = ResultOf<In, Job, Map>;
        const auto input = input_of(in);
        check_here(pool, input, job, map);
        const CallData<MapOfCall<In, Job, Map>> call(job, map, input.data());
        const ChunkPlan plan = plan_of(input, settings, bytes_on_a_board<R>);
        JobSpec spec = spec_of_chunks<R>(plan, call, settings);
        return run_stream(pool, spec, [&consume](std::byte* result, const Chunk& chunk) {
            tell_maps_ended();
            if constexpr (IsMessage<R>) {
                const auto& slot = *reinterpret_cast<const ResultSlot*>(result);
                if constexpr (consumes_view<R, Consume>) {
                    consume_result(consume, shm::CrossingOf<R>::view(slot.content()), chunk);
                } else {
                    consume_result(consume, read_result<R>(slot), chunk);
                }
            } else {
                consume_result(consume, std::move(*reinterpret_cast<R*>(result)), chunk);
            }
        });
    }
    return {};
}

}  // namespace detail

/// Maps every chunk of `in` on the pool's workers, and calls `consume(result)` or `consume(result,
/// chunk)` here, in the calling thread, for one chunk after the other in ascending order, while
/// workers go on with the next ones. For files that are written as results come, for pipelines
/// whose first or last stage runs in order, for results that are too many to be kept.
///
///     pinfold::Pool pool;
///     std::ostringstream out;
///     const auto report = pinfold::stream(
///         pool, pinfold::Range{0, 100}, [](const pinfold::Chunk& chunk) { return chunk.begin; },
///         [&out](std::uint64_t begin) { out << begin << ' '; }, {.grain = 25});
///     assert(out.str() == "0 25 50 75 " && report.chunks == 4);
///
/// A consumer of strings that takes a std::string_view gets the characters where they lie, and may
/// use them until it returns.
///
/// The input, the map and what crosses are as for map_reduce(). `consume` takes the result by value
/// or as &&, may change what it captured, and may capture anything, since it stays here. It may run
/// jobs on the same pool while one of its 64 boards is free. What it throws ends the job: no more
/// chunks start, those that run are waited for, and the exception goes on to the caller.
///
/// Memory: the results of at most `settings.look_ahead` chunks are held, so long as the consumer
/// is behind; workers sleep then. Where results are large give a look-ahead that the pool's memory
/// has room for. The results' slots, some bytes a chunk, are taken for the whole job.
/// A chunk that a job skips (OnPoison::skip) is not consumed; the report lists it. A job that fails
/// may have consumed the chunks before: what they wrote is the caller's to undo.
///
/// With `rehearse` nothing is consumed before both runs are over and were compared.
/// Run time: as map_reduce(), and some 20 ns a chunk here. On two CPUs and with two workers the
/// consumer's time is taken from the workers.
/// Thread-safety and errors: as for map_reduce(). Inside a map, and on the serial crew, each chunk
/// is consumed before the next one is mapped.
template <typename In = Range, typename Map, typename Consume>
requires(!detail::is_options<Consume>) JobReport
    stream(Pool& pool, const In& in, Map map, Consume consume, const JobSettings& settings = {}) {
    return detail::map_and_consume(pool, in, detail::NoJob{}, map, consume, settings);
}

/// The same with a job, which each call of the map gets as its first argument.
template <typename In = Range, typename Job, typename Map, typename Consume>
requires(!detail::is_options<Consume>) JobReport
    stream(Pool& pool, const In& in, const Job& job, Map map, Consume consume,
           const JobSettings& settings = {}) {
    return detail::map_and_consume(pool, in, job, map, consume, settings);
}

// What is none of these calls.

template <typename... Arguments>
JobReport stream(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: stream(pool, range or array, [job,] map, consume [, options])");
    return {};
}

}  // namespace pinfold

#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/chunk_row.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>
#include <utility>

namespace pinfold {

/// A callable that needs no state, so that a worker process can call it from its type alone.
/// A lambda without captures is one. With `[&]` or `[=]` it is not: put what the map needs into the
/// job.
template <typename Map>
concept Captureless = std::is_empty_v<Map> && std::is_default_constructible_v<Map>;

/// What a map may return: bytes that can cross from a worker to the host, and a default value to
/// start a fold from.
template <typename R>
concept MapValue = shm::Shareable<R> && std::default_initializable<R>;

/// What a map returns when it is called with these arguments.
template <typename Map, typename... Arguments>
using MapResult = std::remove_cvref_t<std::invoke_result_t<Map, Arguments...>>;

namespace detail {

/// The `init` of a job that names none: the fold starts from R{}, which nobody has to hold.
template <typename R>
inline constexpr const R* default_init = nullptr;

/// Each map_reduce() comes here. `job` is what `call` gets.
template <typename R, typename Job, typename Fold>
JobResult<R> map_and_fold(Pool& pool, Range range, const Job& job, RowCall call, Fold& fold,
                          const JobSettings& settings, const R* init,
                          std::span<const Phase> phases = {}) {
    JobSpec spec =
        job_spec<R>(ChunkPlan(range, range_grain(settings.grain, range, sizeof(R))), settings);
    set_job(spec, job);
    spec.phases = phases;
    spec.call = call;
    return run_and_fold<R>(pool, spec, fold, init);
}

template <typename R, typename Map, typename Job, typename Fold>
JobResult<R> map_range(Pool& pool, Range range, const Job& job, Fold& fold,
                       const JobSettings& settings, const R* init) {
    check_shared(pool, job);
    const auto call = [](ChunkRow& chunks) {
        run_row_with_results<R>(
            chunks, [](const ChunkRow& row) -> R { return Map{}(row.job_as<Job>(), row.chunk()); });
    };
    return map_and_fold<R>(pool, range, job, call, fold, settings, init);
}

template <typename R, typename Map, typename Job, typename Fold>
JobResult<R> map_with_phases(Pool& pool, Range range, const Job& job, const Phases<Job>& phases,
                             Fold& fold, const JobSettings& settings, const R* init) {
    check_shared(pool, job);
    const auto call = [](ChunkRow& chunks) {
        run_row_with_results<R, MapOfPhasesRuns>(chunks, [](const ChunkRow& row) -> R {
            return Map{}(row.job_as<Job>(), row.chunk(), *row.memory);
        });
    };
    return map_and_fold<R>(pool, range, job, call, fold, settings, init, phases.list());
}

template <typename R, typename Map, typename T, typename Job, typename Fold>
JobResult<R> map_data(Pool& pool, std::span<T> data, const Job& job, Fold& fold,
                      const JobSettings& settings, const R* init) {
    struct DataJob {
        Job job;
        std::span<const T> data;
    };
    check_shared(pool, job);
    check_in_arena(pool, "the input", data.data(), data.size(), sizeof(T));
    JobSettings with_grain = settings;
    with_grain.grain = data_grain(settings.grain, data.size(), sizeof(T), sizeof(R));
    const std::unique_ptr<const DataJob> data_job(new DataJob{job, data});  // of any size
    const auto call = [](ChunkRow& chunks) {
        run_row_with_results<R>(chunks, [](const ChunkRow& row) -> R {
            const auto& d = row.job_as<DataJob>();
            const Chunk chunk = row.chunk();
            return Map{}(d.job, part(d.data, chunk), chunk);
        });
    };
    return map_and_fold<R>(pool, Range{0, data.size()}, *data_job, call, fold, with_grain, init);
}

template <typename R, typename Map, typename Fold>
JobResult<R> map_forked(PoolOptions&& pool_options, Range range, const Map& map, Fold& fold,
                        const JobSettings& settings, const R* init) {
    const Map* const in_every_worker = std::addressof(map);
    JobSpec spec =
        job_spec<R>(ChunkPlan(range, range_grain(settings.grain, range, sizeof(R))), settings);
    set_job(spec, in_every_worker);
    spec.call = [](ChunkRow& chunks) {
        run_row_with_results<R>(chunks, [](const ChunkRow& row) -> R {
            return (*row.job_as<const Map*>())(row.chunk());
        });
    };
    check_before_start(pool_options, spec);
    Pool pool(std::move(pool_options));
    return run_and_fold<R>(pool, spec, fold, init);
}

}  // namespace detail

/// Maps every chunk of `range` on the pool's workers and folds the results in chunk order.
///
/// `map(job, chunk)` is called in a worker, with a copy of `job`, and returns an R. `fold(R, R)` is
/// called here, from `options.init` on, in ascending chunk order. So the value depends on the
/// range, the grain and the functions alone. A chunk may start more than once, so a map writes only
/// its own result, or its own part of an output.
///
///     pinfold::Pool pool;
///     const auto r = pinfold::map_reduce(
///         pool, pinfold::Range{0, 1000}, 0.5,
///         [](const double& f, const pinfold::Chunk& c) { return f * double(c.size()); },
///         std::plus<>{});
///
/// Run time: some microseconds per job and some nanoseconds per chunk, plus the maps.
/// Thread-safety: any thread may call it, also from a fold or a progress callback; inside a map it
/// runs serially.
/// Throws std::invalid_argument for a bad range, grain or option, before any work; JobFailed,
/// Cancelled, Timeout or PoolBroken when the job ends so; std::system_error when memory is short;
/// JournalError for a journal that cannot be used.
///
/// Memory: results lie in the pool's arena, one per chunk. What `map` returns is written there, and
/// what `fold` returns into the JobResult or the heap: no frame of the engine holds a result. A
/// result may so be larger than a stack. Then `fold` takes its arguments by reference, and the
/// JobResult goes to the heap too: `new pinfold::JobResult<R>(pinfold::map_reduce(...))`.
template <shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, const Chunk&>>
JobResult<R> map_reduce(Pool& pool, Range range, const Job& job, Map, Fold fold) {
    return detail::map_range<R, Map>(pool, range, job, fold, {}, detail::default_init<R>);
}

template <shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, const Chunk&>>
JobResult<R> map_reduce(Pool& pool, Range range, const Job& job, Map, Fold fold,
                        const JobOptions<R>& options) {
    return detail::map_range<R, Map>(pool, range, job, fold, options, &options.init);
}

/// The same with phases, each of which leaves memory behind. `map(job, chunk, memory)` sees what
/// the phases before its chunk left. See phase.hpp.
template <shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, const Chunk&, const PhaseMemory&>>
JobResult<R> map_reduce(Pool& pool, Range range, const Job& job, const Phases<Job>& phases, Map,
                        Fold fold) {
    return detail::map_with_phases<R, Map>(pool, range, job, phases, fold, {},
                                           detail::default_init<R>);
}

template <shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, const Chunk&, const PhaseMemory&>>
JobResult<R> map_reduce(Pool& pool, Range range, const Job& job, const Phases<Job>& phases, Map,
                        Fold fold, const JobOptions<R>& options) {
    return detail::map_with_phases<R, Map>(pool, range, job, phases, fold, options, &options.init);
}

/// The same over data: `map(job, elements, chunk)` gets each chunk of `data` as a span.
///
/// `data` must lie in the pool's arena (pool.array()), else it throws std::invalid_argument. The
/// default grain gives chunks of at least a page; see default_grain().
template <typename T, shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, std::span<const T>, const Chunk&>>
JobResult<R> map_reduce(Pool& pool, std::span<T> data, const Job& job, Map, Fold fold) {
    return detail::map_data<R, Map>(pool, data, job, fold, {}, detail::default_init<R>);
}

template <typename T, shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, std::span<const T>, const Chunk&>>
JobResult<R> map_reduce(Pool& pool, std::span<T> data, const Job& job, Map, Fold fold,
                        const JobOptions<R>& options) {
    return detail::map_data<R, Map>(pool, data, job, fold, options, &options.init);
}

template <typename T, shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, std::span<const T>, const Chunk&>>
JobResult<R> map_reduce(Pool& pool, const shm::Array<T>& data, const Job& job, Map map, Fold fold) {
    return map_reduce(pool, data.span(), job, map, std::move(fold));
}

template <typename T, shm::Shareable Job, Captureless Map, typename Fold,
          MapValue R = MapResult<Map, const Job&, std::span<const T>, const Chunk&>>
JobResult<R> map_reduce(Pool& pool, const shm::Array<T>& data, const Job& job, Map map, Fold fold,
                        const JobOptions<R>& options) {
    return map_reduce(pool, data.span(), job, map, std::move(fold), options);
}

/// Fills `output` from `input`: `map(job, in, out, chunk)` gets the same part of both as spans.
///
/// Both must have the same size, lie in the pool's arena and not overlap, else it throws
/// std::invalid_argument. A chunk may start more than once, so `map` assigns to `out` and does not
/// read it.
template <typename In, typename Out, shm::Shareable Job, Captureless Map>
JobReport transform(Pool& pool, const shm::Array<In>& input, const shm::Array<Out>& output,
                    const Job& job, Map, const JobSettings& settings = {}) {
    static_assert(
        std::invocable<Map, const Job&, std::span<const In>, std::span<Out>, const Chunk&>,
        "the map of a transform is called as map(job, in, out, chunk)");
    struct TransformJob {
        Job job;
        std::span<const In> input;
        std::span<Out> output;
    };
    detail::check_shared(pool, job);
    detail::check_in_arena(pool, "the input", input.data(), input.size(), sizeof(In));
    detail::check_in_arena(pool, "the output", output.data(), output.size(), sizeof(Out));
    detail::check_transform(input.data(), input.size(), sizeof(In), output.data(), output.size(),
                            sizeof(Out));
    JobSettings with_grain = settings;
    with_grain.grain =
        detail::data_grain(settings.grain, input.size(), sizeof(In), sizeof(detail::Nothing));
    const std::unique_ptr<const TransformJob> transform_job(
        new TransformJob{job, input.span(), output.span()});  // of any size
    const auto call = [](detail::ChunkRow& chunks) {
        detail::run_row(chunks, [](const detail::ChunkRow& row) {
            const auto& t = row.job_as<TransformJob>();
            const Chunk chunk = row.chunk();
            Map{}(t.job, detail::part(t.input, chunk), detail::part(t.output, chunk), chunk);
        });
    };
    const auto no_fold = [](detail::Nothing, detail::Nothing) { return detail::Nothing{}; };
    const detail::Nothing nothing;
    return detail::map_and_fold(pool, Range{0, input.size()}, *transform_job, call, no_fold,
                                with_grain, &nothing)
        .report;
}

/// Runs one job on workers that are forked for it. `map(chunk)` may capture anything by reference,
/// since every worker starts as a copy of the caller. What a map writes to captured data stays in
/// its worker; only its result comes back.
///
/// Run time: that of map_reduce(), and the creation of a pool. Throws what Pool and map_reduce()
/// throw; what map_reduce() refuses, before any worker starts.
template <typename Map, typename Fold, MapValue R = MapResult<const Map&, const Chunk&>>
JobResult<R> map_reduce_forked(PoolOptions pool_options, Range range, const Map& map, Fold fold) {
    return detail::map_forked(std::move(pool_options), range, map, fold, {},
                              detail::default_init<R>);
}

template <typename Map, typename Fold, MapValue R = MapResult<const Map&, const Chunk&>>
JobResult<R> map_reduce_forked(PoolOptions pool_options, Range range, const Map& map, Fold fold,
                               const JobOptions<R>& options) {
    return detail::map_forked(std::move(pool_options), range, map, fold, options, &options.init);
}

}  // namespace pinfold

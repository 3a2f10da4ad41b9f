#pragma once

// Jobs whose functions are called for each chunk. algorithms.hpp has those that are called for each
// element.

#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/detail/captures.hpp>
#include <pinfold/engine/detail/chunk_call.hpp>
#include <pinfold/engine/detail/chunk_jobs.hpp>
#include <pinfold/engine/detail/front_door.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/trust.hpp>
#include <pinfold/shm/strings.hpp>
#include <type_traits>
#include <utility>

namespace pinfold {

/// Maps every chunk of `in` on the pool's workers and folds the results in chunk order.
///
/// `in` is a Range, or an array of the pool: an shm::Array or a std::span of one, or a file:
/// an shm::File, an shm::FileView or an shm::FileArray. For a range, `map(chunk)` is called in a
/// worker, for an array or a file `map(elements, chunk)` or `map(elements)` with the chunk's part
/// as a std::span<const T>. It returns an R, and the call a JobResult<R>. `fold(a, b)` joins two of
/// them, here, in ascending chunk order, from `options.init` or R{} on. So the value depends on the
/// input, the grain and the functions alone. A chunk may start more than once, so a map writes only
/// its own result, or its own part of an output. What it does to shared objects is done as often:
/// see docs/shared_objects.md.
///
///     pinfold::Pool pool;
///     const double factor = 0.5;
///     const auto sum = pinfold::map_reduce(
///         pool, pinfold::Range{0, 1000},
///         [factor](const pinfold::Chunk& chunk) { return factor * double(chunk.size()); },
///         std::plus<>{}, {.grain = 100, .init = 1.0});
///     assert(sum.value == 501);
///
/// What crosses to the workers: the map with its captures. It is a function pointer, or an object
/// whose captures are values: numbers, structs of numbers, arrays of the pool and their spans. A
/// capture by reference is a compile error. A pointer into the caller's stack, heap or globals is
/// refused by std::invalid_argument, on every crew; trust() passes it. The fold stays here and may
/// capture anything. R is trivially copyable and has a default constructor.
///
/// Options are braces in the call, `{.grain = 4096}`, or a JobOptions<R>, or a JobSettings.
///
/// Run time: some microseconds per job and some nanoseconds per chunk, plus the maps.
/// Thread-safety: any thread may call it, also from a fold or a progress callback; inside a map it
/// runs serially.
/// Throws std::invalid_argument for a bad range, grain, option or pointer, before any work;
/// JobFailed, Cancelled, Timeout or PoolBroken when the job ends so; std::system_error when memory
/// is short; JournalError for a journal that cannot be used.
///
/// Memory: results lie in the pool's arena, one per chunk. What `map` returns is written there, and
/// what `fold` returns into the JobResult or the heap: no frame of the engine holds a result. A
/// result may so be larger than a stack. Then `fold` takes its arguments by reference, and the
/// JobResult goes to the heap too: `new pinfold::JobResult<R>(pinfold::map_reduce(...))`.
template <typename In = Range, typename Map, typename Fold = JobSettings>
auto map_reduce(Pool& pool, const In& in, Map map, Fold fold) {
    return detail::map_and_fold(pool, in, detail::NoJob{}, map, fold, JobSettings{});
}

template <typename In = Range, typename Map, typename Fold,
          typename Options = detail::OptionsOf<In, detail::NoJob, Map>>
requires detail::is_options<Options>
auto map_reduce(Pool& pool, const In& in, Map map, Fold fold, const Options& options) {
    return detail::map_and_fold(pool, in, detail::NoJob{}, map, fold, options);
}

/// The same with a job: a value that each call of the map gets as its first argument, for what is
/// large or shared by several jobs. It is copied once, and crosses like a capture.
template <typename In = Range, typename Job, typename Map, typename Fold>
requires(!detail::is_options<Fold>) auto map_reduce(Pool& pool, const In& in, const Job& job,
                                                    Map map, Fold fold) {
    return detail::map_and_fold(pool, in, job, map, fold, JobSettings{});
}

template <typename In = Range, typename Job, typename Map, typename Fold,
          typename Options = detail::OptionsOf<In, Job, Map>>
requires detail::is_options<Options>
auto map_reduce(Pool& pool, const In& in, const Job& job, Map map, Fold fold,
                const Options& options) {
    return detail::map_and_fold(pool, in, job, map, fold, options);
}

/// The same with phases, each of which leaves memory behind. `map(job, chunk, memory)` sees what
/// the phases before its chunk left. See phase.hpp.
template <typename Job, typename Map, typename Fold>
requires(!detail::is_options<Fold>) auto map_reduce(Pool& pool, const Range& range, const Job& job,
                                                    const Phases<detail::Meant<Job>>& phases,
                                                    Map map, Fold fold) {
    return detail::map_with_phases(pool, range, job, phases, map, fold, JobSettings{});
}

template <typename Job, typename Map, typename Fold,
          typename Options = detail::OptionsAfterPhases<Job, Map>>
requires detail::is_options<Options>
auto map_reduce(Pool& pool, const Range& range, const Job& job,
                const Phases<detail::Meant<Job>>& phases, Map map, Fold fold,
                const Options& options) {
    return detail::map_with_phases(pool, range, job, phases, map, fold, options);
}

/// Calls `map` for every chunk of `in`, for what it does: it writes to arrays of the pool that it
/// captured, each chunk to elements of its own. What it returns is ignored. Everything else is as
/// for map_reduce().
///
///     pinfold::Pool pool;
///     const auto squares = pool.array<std::uint64_t>(1000);
///     pinfold::for_each_chunk(pool, pinfold::Range{0, 1000}, [squares](const pinfold::Chunk& c) {
///         for (auto k : c) {
///             squares[k] = k * k;
///         }
///     });
///     assert(squares[999] == 998001);
template <typename In = Range, typename Map>
JobReport for_each_chunk(Pool& pool, const In& in, Map map, const JobSettings& settings = {}) {
    return detail::map_chunks(pool, in, detail::NoJob{}, map, settings);
}

template <typename In = Range, typename Job, typename Map>
requires(!detail::is_options<Map>) JobReport
    for_each_chunk(Pool& pool, const In& in, const Job& job, Map map,
                   const JobSettings& settings = {}) {
    return detail::map_chunks(pool, in, job, map, settings);
}

/// The same behind phases: `map(job, chunk, memory)`.
template <typename Job, typename Map>
JobReport for_each_chunk(Pool& pool, const Range& range, const Job& job,
                         const Phases<detail::Meant<Job>>& phases, Map map,
                         const JobSettings& settings = {}) {
    return detail::map_chunks_with_phases(pool, range, job, phases, map, settings);
}

/// Fills `out` from `in`, chunk by chunk: `map(elements, out_elements, chunk)` gets the same part
/// of both as spans; for a range it is `map(out_elements, chunk)`. The chunk may be left out.
///
/// Both must have the same size, and not overlap, else it throws std::invalid_argument. A chunk may
/// start more than once, so `map` assigns to the output and does not read it.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("shout"));
///     const auto loud = pool.array<char>(text.size());
///     pinfold::transform_chunks(pool, text, loud,
///                               [](std::span<const char> from, std::span<char> to) {
///                                   for (std::size_t i = 0; i < to.size(); ++i) {
///                                       to[i] = char(std::toupper(from[i]));
///                                   }
///                               });
///     assert(loud[4] == 'T');
template <typename In = Range, typename Out, typename Map>
JobReport transform_chunks(Pool& pool, const In& in, const Out& out, Map map,
                           const JobSettings& settings = {}) {
    return detail::transform_data(pool, in, out, detail::NoJob{}, map, settings);
}

template <typename In = Range, typename Out, typename Job, typename Map>
requires(!detail::is_options<Map>) JobReport
    transform_chunks(Pool& pool, const In& in, const Out& out, const Job& job, Map map,
                     const JobSettings& settings = {}) {
    return detail::transform_data(pool, in, out, job, map, settings);
}

/// Runs one job on workers that are forked for it. `map(chunk)` may capture anything by reference,
/// since every worker starts as a copy of the caller. What a map writes to captured data stays in
/// its worker; only its result comes back.
///
///     std::vector<double> weights{0.5, 0.25};
///     const auto sum = pinfold::map_reduce_forked(
///         {.workers = 2}, pinfold::Range{0, 2},
///         [&](const pinfold::Chunk& chunk) { return weights[chunk.begin]; }, std::plus<>{},
///         {.grain = 1});
///     assert(sum.value == 0.75);
///
/// Run time: that of map_reduce(), and the creation of a pool. Throws what Pool and map_reduce()
/// throw; what map_reduce() refuses, before any worker starts.
template <typename Map, typename Fold>
auto map_reduce_forked(PoolOptions pool_options, const Range& range, const Map& map, Fold fold) {
    return detail::map_forked(std::move(pool_options), range, map, fold, JobSettings{});
}

template <typename Map, typename Fold,
          typename Options = detail::OptionsOf<Range, detail::NoJob, Map>>
auto map_reduce_forked(PoolOptions pool_options, const Range& range, const Map& map, Fold fold,
                       const Options& options) {
    return detail::map_forked(std::move(pool_options), range, map, fold, options);
}

// What is none of these calls.

template <typename... Arguments>
auto map_reduce(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "map_reduce(pool, range or array, [job,] map, fold [, options])");
    return JobResult<detail::Refused>{};
}

template <typename... Arguments>
auto map_reduce_forked(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: an argument is missing, or one is too many: map_reduce_forked({options "
                  "of a pool}, range, map, fold [, options])");
    return JobResult<detail::Refused>{};
}

template <typename... Arguments>
JobReport for_each_chunk(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "for_each_chunk(pool, range or array, [job,] map [, options])");
    return {};
}

template <typename... Arguments>
JobReport transform_chunks(const Arguments&...) {
    static_assert(detail::never<Arguments...>,
                  "pinfold: the pool or another argument is missing (a const pool is none), or one "
                  "is too many: "
                  "transform_chunks(pool, range or array, output, [job,] map [, options])");
    return {};
}

}  // namespace pinfold

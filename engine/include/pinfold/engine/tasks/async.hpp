#pragma once

// Jobs that nobody waits in: each call that runs a job, but for stream(), has one that returns a
// Future of what it returns. <pinfold/pinfold.hpp> does not include this header.

#include <functional>
#include <pinfold/api.hpp>
#include <pinfold/engine/algorithms.hpp>
#include <pinfold/engine/detail/chunk_jobs.hpp>
#include <pinfold/engine/detail/tasks/job_thread.hpp>
#include <pinfold/engine/gather.hpp>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/map_fold.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks/future.hpp>
#include <pinfold/engine/tasks/wait.hpp>
#include <utility>

namespace pinfold {

// For all of them:
//
// The arguments are those of the call without "_async", and are copied. An array or a file lives as
// long as the job, a std::span's memory has to. What a fold or a progress callback captures by
// reference lives until the Future is done; both are called on the job's thread.
//
// The job runs beside the caller's other jobs and tasks, and by the same turns. It has a thread of
// the pool's, which sleeps while workers run chunks. Starting it takes some tens of microseconds.
// Inside a map or a task, and on Crew::serial, the job has run when the call returns.
//
// Future::get() throws what the call would have thrown, also what it refuses. Future::cancel()
// stops the job as JobSettings::stop does: the Future is cancelled at once, chunks that run come to
// their end, and with JobSettings::kill their workers are killed. At the pool's end jobs are
// cancelled, and their threads are joined. Future::running() is false for a job.
//
// stream() has none: its consumer is the caller's thread. Pool::map() gives results as they come to
// whoever asks for the next one.
//
// Thread-safety: any thread may call them. Throws std::system_error where there is no thread to be
// had.

/// A Future of map_reduce().
///
///     pinfold::Pool pool;
///     auto sum = pinfold::map_reduce_async(
///         pool, pinfold::Range{0, 1000},
///         [](const pinfold::Chunk& chunk) { return chunk.size(); }, std::plus<>{},
///         {.grain = 10});
///     assert(sum.get().value == 1000 && sum.get().report.chunks == 100);
template <typename In = Range, typename Map, typename Fold = JobSettings>
[[nodiscard]] auto map_reduce_async(Pool& pool, const In& in, Map map, Fold fold) {
    return map_reduce_async(pool, in, std::move(map), std::move(fold), JobSettings{});
}

template <typename In = Range, typename Map, typename Fold,
          typename Options = detail::OptionsOf<In, detail::NoJob, Map>>
requires detail::is_options<Options>
[[nodiscard]] auto map_reduce_async(Pool& pool, const In& in, Map map, Fold fold,
                                    const Options& options) {
    const auto call = [](auto&&... its) { return map_reduce(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, options, in, std::move(map), std::move(fold));
}

template <typename In = Range, typename Job, typename Map, typename Fold>
requires(!detail::is_options<Fold>)
    [[nodiscard]] auto map_reduce_async(Pool& pool, const In& in, const Job& job, Map map,
                                        Fold fold) {
    return map_reduce_async(pool, in, job, std::move(map), std::move(fold), JobSettings{});
}

template <typename In = Range, typename Job, typename Map, typename Fold,
          typename Options = detail::OptionsOf<In, Job, Map>>
requires detail::is_options<Options>
[[nodiscard]] auto map_reduce_async(Pool& pool, const In& in, const Job& job, Map map, Fold fold,
                                    const Options& options) {
    const auto call = [](auto&&... its) { return map_reduce(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, options, in, job, std::move(map), std::move(fold));
}

template <typename Job, typename Map, typename Fold>
requires(!detail::is_options<Fold>)
    [[nodiscard]] auto map_reduce_async(Pool& pool, const Range& range, const Job& job,
                                        const Phases<detail::Meant<Job>>& phases, Map map,
                                        Fold fold) {
    return map_reduce_async(pool, range, job, phases, std::move(map), std::move(fold),
                            JobSettings{});
}

template <typename Job, typename Map, typename Fold,
          typename Options = detail::OptionsAfterPhases<Job, Map>>
requires detail::is_options<Options>
[[nodiscard]] auto map_reduce_async(Pool& pool, const Range& range, const Job& job,
                                    const Phases<detail::Meant<Job>>& phases, Map map, Fold fold,
                                    const Options& options) {
    const auto call = [](auto&&... its) { return map_reduce(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, options, range, job, phases, std::move(map),
                                     std::move(fold));
}

/// A Future of map_fold().
template <typename In = Range, typename Map, typename Accumulator, typename Fold>
requires(!detail::is_options<Fold>)
    [[nodiscard]] auto map_fold_async(Pool& pool, const In& in, Map map, Accumulator accumulator,
                                      Fold fold, const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return map_fold(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(map),
                                     std::move(accumulator), std::move(fold));
}

template <typename In = Range, typename Job, typename Map, typename Accumulator, typename Fold>
requires(!detail::is_options<Fold>)
    [[nodiscard]] auto map_fold_async(Pool& pool, const In& in, const Job& job, Map map,
                                      Accumulator accumulator, Fold fold,
                                      const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return map_fold(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, job, std::move(map),
                                     std::move(accumulator), std::move(fold));
}

/// A Future of gather().
///
///     pinfold::Pool pool;
///     const auto odd = pinfold::gather_async<int>(
///         pool, pinfold::Range{0, 10}, [](const pinfold::Chunk& c, pinfold::Appender<int>& out) {
///             for (auto k : c) {
///                 if (k % 2 == 1) {
///                     out.push_back(int(k));
///                 }
///             }
///         });
///     assert(odd.get().value.size() == 5);
template <typename T, typename In = Range, typename Map>
[[nodiscard]] auto gather_async(Pool& pool, const In& in, Map map,
                                const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return gather<T>(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(map));
}

template <typename T, typename In = Range, typename Job, typename Map>
requires(!detail::is_options<Map>)
    [[nodiscard]] auto gather_async(Pool& pool, const In& in, const Job& job, Map map,
                                    const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return gather<T>(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, job, std::move(map));
}

/// A Future of for_each_chunk(), which is a JobReport.
///
///     pinfold::Pool pool;
///     const auto squares = pool.array<std::uint64_t>(1000);
///     auto done = pinfold::for_each_chunk_async(
///         pool, pinfold::Range{0, 1000}, [squares](const pinfold::Chunk& c) {
///             for (auto k : c) {
///                 squares[k] = k * k;
///             }
///         });
///     done.wait();
///     assert(squares[999] == 998001);
template <typename In = Range, typename Map>
[[nodiscard]] Future<JobReport> for_each_chunk_async(Pool& pool, const In& in, Map map,
                                                     const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) {
        return for_each_chunk(static_cast<decltype(its)>(its)...);
    };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(map));
}

template <typename In = Range, typename Job, typename Map>
requires(!detail::is_options<Map>)
    [[nodiscard]] Future<JobReport> for_each_chunk_async(Pool& pool, const In& in, const Job& job,
                                                         Map map,
                                                         const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) {
        return for_each_chunk(static_cast<decltype(its)>(its)...);
    };
    return detail::run_on_job_thread(pool, call, settings, in, job, std::move(map));
}

template <typename Job, typename Map>
[[nodiscard]] Future<JobReport> for_each_chunk_async(Pool& pool, const Range& range, const Job& job,
                                                     const Phases<detail::Meant<Job>>& phases,
                                                     Map map, const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) {
        return for_each_chunk(static_cast<decltype(its)>(its)...);
    };
    return detail::run_on_job_thread(pool, call, settings, range, job, phases, std::move(map));
}

/// A Future of transform_chunks().
template <typename In = Range, typename Out, typename Map>
[[nodiscard]] Future<JobReport> transform_chunks_async(Pool& pool, const In& in, const Out& out,
                                                       Map map, const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) {
        return transform_chunks(static_cast<decltype(its)>(its)...);
    };
    return detail::run_on_job_thread(pool, call, settings, in, out, std::move(map));
}

template <typename In = Range, typename Out, typename Job, typename Map>
requires(!detail::is_options<Map>)
    [[nodiscard]] Future<JobReport> transform_chunks_async(Pool& pool, const In& in, const Out& out,
                                                           const Job& job, Map map,
                                                           const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) {
        return transform_chunks(static_cast<decltype(its)>(its)...);
    };
    return detail::run_on_job_thread(pool, call, settings, in, out, job, std::move(map));
}

/// A Future of for_each().
template <typename In = Range, typename F>
[[nodiscard]] Future<JobReport> for_each_async(Pool& pool, const In& in, F f,
                                               const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return for_each(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(f));
}

/// A Future of transform().
template <typename In = Range, typename Out, typename F>
[[nodiscard]] Future<JobReport> transform_async(Pool& pool, const In& in, const Out& out, F f,
                                                const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return transform(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, out, std::move(f));
}

/// A Future of transform_reduce().
///
///     pinfold::Pool pool;
///     auto squares = pinfold::transform_reduce_async(pool, pinfold::Range{0, 10},
///                                                    std::uint64_t{0}, std::plus<>{},
///                                                    [](auto k) { return k * k; });
///     auto half = squares.then([](const auto& result) { return result.value / 2.0; });
///     assert(half.get() == 142.5);
template <typename In = Range, typename T, typename Op, typename F>
[[nodiscard]] auto transform_reduce_async(Pool& pool, const In& in, T init, Op op, F f,
                                          const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) {
        return transform_reduce(static_cast<decltype(its)>(its)...);
    };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(init), std::move(op),
                                     std::move(f));
}

/// A Future of reduce().
template <typename In = Range, typename T, typename Op>
requires(!detail::is_options<Op>)
    [[nodiscard]] auto reduce_async(Pool& pool, const In& in, T init, Op op,
                                    const JobSettings& settings = {}) {
    return transform_reduce_async(pool, in, std::move(init), std::move(op), std::identity{},
                                  settings);
}

template <typename In = Range, typename T>
[[nodiscard]] auto reduce_async(Pool& pool, const In& in, T init,
                                const JobSettings& settings = {}) {
    return reduce_async(pool, in, std::move(init), std::plus<>{}, settings);
}

/// A Future of count_if().
template <typename In = Range, typename Predicate>
[[nodiscard]] auto count_if_async(Pool& pool, const In& in, Predicate predicate,
                                  const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return count_if(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(predicate));
}

/// A Future of min_element().
template <typename In = Range, typename F>
requires(!detail::is_options<F>)
    [[nodiscard]] auto min_element_async(Pool& pool, const In& in, F f,
                                         const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return min_element(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(f));
}

template <typename In = Range>
[[nodiscard]] auto min_element_async(Pool& pool, const In& in, const JobSettings& settings = {}) {
    return min_element_async(pool, in, std::identity{}, settings);
}

/// A Future of max_element().
template <typename In = Range, typename F>
requires(!detail::is_options<F>)
    [[nodiscard]] auto max_element_async(Pool& pool, const In& in, F f,
                                         const JobSettings& settings = {}) {
    const auto call = [](auto&&... its) { return max_element(static_cast<decltype(its)>(its)...); };
    return detail::run_on_job_thread(pool, call, settings, in, std::move(f));
}

template <typename In = Range>
[[nodiscard]] auto max_element_async(Pool& pool, const In& in, const JobSettings& settings = {}) {
    return max_element_async(pool, in, std::identity{}, settings);
}

}  // namespace pinfold

#pragma once

#include <pinfold/api.hpp>

namespace pinfold {

/// Who runs a map: the same numbers as in WorkerReport.
struct Worker {
    int number = 0;  ///< among the workers of its pool, from 0
    int pid = 0;     ///< its process
    int cpu = -1;    ///< the CPU that it is bound to, or -1
};

/// The worker that the calling thread is: in a map, or in PoolOptions::initializer.
///
///     pinfold::Pool pool({.workers = 1});
///     const auto r = pinfold::map_reduce(
///         pool, pinfold::Range{0, 10}, 0,
///         [](const int&, const pinfold::Chunk&) { return pinfold::this_worker().pid; },
///         [](int, int pid) { return pid; });
///     assert(r.report.workers.at(0).pid == r.value && r.value != pinfold::this_worker().pid);
///
/// Maps that the workers of one pool run at the same time have different numbers, all below
/// Pool::workers(). A worker that takes the place of a dead one has its number and another pid. A
/// job inside a map runs on that map's worker, and this is what its maps get, whatever the pool of
/// the inner job.
///
/// Elsewhere the number is 0, the pid that of the calling process, and the cpu -1: outside of maps,
/// in threads that a map starts, and in a job that its caller runs alone, as with Crew::serial.
///
/// Run time: some nanoseconds; outside of maps a system call. Thread-safety: any thread. Fork: in a
/// process that a map forks, the worker is that of the map.
[[nodiscard]] PINFOLD_API Worker this_worker() noexcept;

}  // namespace pinfold

#pragma once

#include <sched.h>

#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/this_worker.hpp>
#include <vector>

#include "meeting.hpp"
#include "shared.hpp"

namespace pinfold::testing {

/// A worker as the system sees it.
struct SeenWorker {
    int pid = 0;
    int told_cpu = -1;    ///< by this_worker()
    int cpu = -1;         ///< where it runs
    int allowed = 0;      ///< on how many CPUs it may
    int told_later = -1;  ///< by the report
};

/// Runs a job of one chunk for each worker of a pool, and looks at each.
inline std::vector<SeenWorker> seen_workers(Pool& pool, Meeting& meeting) {
    const auto workers = static_cast<std::uint32_t>(pool.workers());
    meeting.await(workers);
    auto seen = pool.array<SeenWorker>(workers);
    struct Job {
        Meeting* meeting;
        SeenWorker* seen;
    };
    JobOptions<int> options;
    options.grain = 1;
    const auto result = map_reduce(
        pool, Range{0, workers}, Job{&meeting, seen.data()},
        [](const Job& job, const Chunk& chunk) {
            job.meeting->join();
            cpu_set_t cpus;
            sched_getaffinity(0, sizeof(cpus), &cpus);
            const Worker worker = this_worker();
            job.seen[chunk.index] = {worker.pid, worker.cpu, sched_getcpu(), CPU_COUNT(&cpus), -1};
            return 1;
        },
        std::plus<>{}, options);
    std::vector<SeenWorker> all(seen.begin(), seen.end());
    for (SeenWorker& worker : all) {
        for (const WorkerReport& told : result.report.workers) {
            if (told.pid == worker.pid) {
                worker.told_later = told.cpu;
            }
        }
    }
    return all;
}

}  // namespace pinfold::testing

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "board/board.hpp"

namespace pinfold::detail {

/// How a pool's workers come to exist. The workers themselves all run ClaimLoop.
class CrewOfWorkers {
  public:
    virtual ~CrewOfWorkers() = default;

    /// A job was opened on a board: see that workers come. `watched` says that it has a chunk
    /// deadline.
    virtual void call(bool watched) = 0;

    /// A job ends early with `kill`: end the workers that are on a board with `kill_workers`.
    virtual void kill_marked() = 0;

    /// Throws PoolBroken when jobs can no longer end by themselves.
    virtual void check() = 0;
};

/// Where each worker is bound, by worker number; -1 is nowhere.
using WorkerCpus = std::vector<int>;

/// Workers are threads of a TBB arena; see crew_tbb.cpp.
std::unique_ptr<CrewOfWorkers> make_thread_crew(Control& control, const WorkerCpus& cpus);

/// What forked workers need beside a Control.
struct ProcessCrewOptions {
    WorkerCpus cpus;
    std::function<void()> initializer;
    std::size_t worker_memory_limit = 0;
    std::uint64_t max_chunks_per_worker = 0;
    bool may_spin = false;  // every worker and the host have a CPU of their own
};

/// Workers are forked processes; see crew_processes.cpp. Returns when all of them are started;
/// throws std::system_error or PoolBroken with nothing left behind.
std::unique_ptr<CrewOfWorkers> make_process_crew(Control& control, ProcessCrewOptions options);

}  // namespace pinfold::detail

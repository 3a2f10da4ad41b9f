#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "process/own_thread.hpp"
#include "spin.hpp"
#include "tree/estate.hpp"
#include "tree/inner_pools.hpp"
#include "tree/work.hpp"
#include "tree/workforce.hpp"

namespace pinfold::detail {

/// How a pool's workers come to exist. What they do is Work.
class CrewOfWorkers {
  public:
    virtual ~CrewOfWorkers() = default;

    /// So many pieces of work were put out: sees that as many workers come, or all. `watched` says
    /// that one has a deadline.
    virtual void call(std::uint64_t pieces, bool watched) = 0;

    /// The same for one piece that any worker may take, from whichever worker or thread of the host
    /// put it out. At most one that sleeps is woken.
    virtual void call_one() = 0;

    /// Ends the workers that Work::condemn_marked() names.
    virtual void kill_marked() = 0;

    /// Throws PoolBroken when work can no longer end by itself.
    virtual void check() = 0;

    /// Whether the host, which has waited so long for a worker to begin with what it asked for, is
    /// to do it itself. Workers that share the process with their host may be in maps that wait for
    /// it; then no worker ever begins.
    [[nodiscard]] virtual bool leaves_it_to_host(
        std::chrono::nanoseconds /*waited*/) const noexcept {
        return false;
    }

    /// The process of which workers are forked, and so one with their memory; 0 where they are
    /// threads.
    [[nodiscard]] virtual pid_t process_of_workers() const noexcept { return 0; }

    /// Tells that the host does so. What it asks for before a worker moves on, it need not wait
    /// with.
    virtual void note_standstill() noexcept {}
};

/// Workers are threads of a TBB arena; see crew_tbb.cpp.
std::unique_ptr<CrewOfWorkers> make_thread_crew(Workforce& workforce, Works works);

/// What forked workers need beside a Workforce and Works.
struct ProcessCrewOptions {
    std::function<void()> initializer;
    std::size_t worker_memory_limit = 0;
    std::uint64_t max_chunks_per_worker = 0;
    Spinners spinners = Spinners::nobody;
    InnerPools inner_pools{};
    Estate* estate = nullptr;  // what workers hold beside their work
};

/// Workers are forked processes; see crew_processes.cpp. `birthplace` is where their supervisor is
/// forked. Returns when all of them are started; throws std::system_error or PoolBroken with
/// nothing left behind.
std::unique_ptr<CrewOfWorkers> make_process_crew(Workforce& workforce, Works works,
                                                 ProcessCrewOptions options, OwnThread& birthplace);

}  // namespace pinfold::detail

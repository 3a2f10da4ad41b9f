#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "tree/crew.hpp"
#include "tree/deadline_watch.hpp"
#include "tree/descriptors.hpp"

namespace pinfold::detail {

/// What a supervisor is connected by; see crew_processes.cpp for the picture.
struct SupervisorLinks {
    Descriptor lifeline;  // read end: hangs up when the host ends or execs
    Descriptor host;      // pidfd: readable when the host has ended
    Descriptor poke;      // eventfd: the host wants a look at marks and deadlines
};

/// The process between a host and its workers. It runs no user code of its own: it starts workers,
/// reaps and replaces dead ones, kills those past a deadline, and ends all of them with the host.
class Supervisor {
  public:
    Supervisor(Workforce& workforce, Works works, const ProcessCrewOptions& options,
               SupervisorLinks links);

    /// Runs until the pool closes, the host ends or the pool is broken. Returns the exit status.
    int run();

  private:
    void start_up();
    void start_all();
    bool start(WorkerNumber worker);
    void listen_for_deaths();
    void wait_for_news();
    [[nodiscard]] int poll_timeout() const;
    void reap_all();
    void reap(pid_t pid, int wait_status);
    void bury(WorkerNumber worker, const WorkerDeath& death) noexcept;
    void replace(WorkerNumber worker, bool was_ready);
    void kill_marked();
    void kill_late();
    void kill_worker(WorkerNumber worker) const noexcept;
    void kill_all_workers() const noexcept;
    void kill_strangers() const;
    void close();
    void end_everything();
    void give_up();
    void wait_for_leave() const;

    [[nodiscard]] WorkerNumber workers() const noexcept;

    Workforce& workforce_;
    const Works works_;
    const ProcessCrewOptions& options_;
    SupervisorLinks links_;
    Descriptor deaths_;        // signalfd of SIGCHLD
    std::vector<pid_t> pids_;  // by worker; 0 while it has none
    std::vector<bool> late_;   // killed past a deadline, not yet reaped
    DeadlineWatch watch_;
    int failed_starts_ = 0;  // in a row
    std::int64_t closing_since_ns_ = 0;
    bool host_is_gone_ = false;
    bool given_up_ = false;
};

}  // namespace pinfold::detail

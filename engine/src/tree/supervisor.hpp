#pragma once

#include <sys/types.h>

#include <cstdint>
#include <vector>

#include "process/link.hpp"
#include "tree/attendance.hpp"
#include "tree/crew.hpp"
#include "tree/deadline_watch.hpp"
#include "tree/status_page.hpp"

namespace pinfold::detail {

/// What a supervisor is connected by; see crew_processes.cpp for the picture.
struct SupervisorLinks {
    TreeEnd tree;
    Descriptor host;    // pidfd: readable when the host has ended
    Descriptor deaths;  // signalfd of SIGCHLD
};

/// The process between a host and its workers. It runs no user code of its own: it starts workers,
/// reaps and replaces those that die, are late or do not come, and ends all of them with the host.
///
/// It is made in the host and runs in the child, where nothing of it takes a lock or allocates: a
/// thread of the host may have held any lock at the fork.
class Supervisor {
  public:
    Supervisor(Workforce& workforce, Works works, const ProcessCrewOptions& options);

    /// Runs until the pool closes, the host ends or the pool is broken. Returns the exit status.
    int run(SupervisorLinks links) noexcept;

  private:
    /// Why it killed a worker that it has not reaped yet.
    enum class Fault : std::uint8_t { none, late, missing };

    struct Child {
        pid_t pid = 0;  // 0 while there is none
        Fault fault = Fault::none;
    };

    [[nodiscard]] bool start_up() noexcept;
    [[nodiscard]] bool start_all() noexcept;
    [[nodiscard]] bool start(WorkerNumber worker) noexcept;
    [[nodiscard]] bool supervise() noexcept;
    void wait_for_news() noexcept;
    [[nodiscard]] int poll_timeout() const noexcept;
    void reap_all() noexcept;
    void reap(pid_t pid, int wait_status) noexcept;
    void tell_of_failed_start(Fault fault, int wait_status) const noexcept;
    void bury(WorkerNumber worker, const WorkerDeath& death) noexcept;
    void replace(WorkerNumber worker, bool was_ready) noexcept;
    void kill_marked() noexcept;
    void kill_missing() noexcept;
    void kill_late() noexcept;
    void update_status() noexcept;
    void kill_worker(WorkerNumber worker) const noexcept;
    void kill_all_workers() const noexcept;
    void kill_other_children() noexcept;
    void close() noexcept;
    void end_everything() noexcept;
    void give_up() noexcept;
    void wait_for_leave() const noexcept;

    [[nodiscard]] WorkerNumber workers() const noexcept;

    Workforce& workforce_;
    const Works works_;
    const ProcessCrewOptions& options_;
    SupervisorLinks links_;
    std::vector<Child> children_;  // by worker
    std::vector<pid_t> known_;     // scratch: the pids among them
    DeadlineWatch watch_;
    Attendance attendance_;
    StatusPage status_;
    int failed_starts_ = 0;  // in a row
    std::int64_t closing_since_ns_ = 0;
    bool was_poked_ = false;
    bool was_signalled_ = false;
    bool host_is_gone_ = false;
    bool given_up_ = false;
};

}  // namespace pinfold::detail

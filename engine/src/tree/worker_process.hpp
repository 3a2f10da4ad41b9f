#pragma once

#include <sys/types.h>

#include "tree/crew.hpp"

namespace pinfold::detail {

/// Whether this process is a worker of some pool, or was forked by one.
[[nodiscard]] bool inside_worker_process() noexcept;

/// That worker, if so.
[[nodiscard]] WorkerHere worker_of_this_process() noexcept;

/// The life of a forked worker, from its start-up to its exit status.
///
/// Until the user's initializer nothing takes a lock: a thread of the host may have held it at the
/// fork, and there is nobody to give it back.
class WorkerProcess {
  public:
    WorkerProcess(Workforce& workforce, Works works, const ProcessCrewOptions& options,
                  WorkerNumber worker, pid_t supervisor)
        : workforce_(workforce),
          works_(works),
          options_(options),
          party_(workforce.workers[worker]),
          worker_(worker),
          supervisor_(supervisor) {}

    /// Works until the pool closes, the worker has run its share of chunks, or can run no more.
    int run();

    /// Whether a map or the initializer has, so that there may be something to write.
    [[nodiscard]] bool has_run_users_code() const noexcept {
        return static_cast<bool>(options_.initializer) || starts() != starts_before_;
    }

  private:
    [[nodiscard]] bool start_up();
    void end_with_supervisor() const;
    void bind() const;
    void limit_memory() const;
    [[nodiscard]] std::uint64_t starts() const noexcept;
    [[nodiscard]] bool is_to_end() const noexcept;
    [[nodiscard]] bool had_its_share() const noexcept;
    void wait_for_work(std::uint32_t seen);

    Workforce& workforce_;
    const Works works_;
    const ProcessCrewOptions& options_;
    shm::Party& party_;
    const WorkerNumber worker_;
    const pid_t supervisor_;
    std::uint64_t starts_before_ = 0;
    bool was_called_ = false;  // a new pool may stay idle
};

}  // namespace pinfold::detail

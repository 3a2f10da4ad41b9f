#pragma once

#include <sys/types.h>

#include "board/board.hpp"
#include "tree/crew.hpp"

namespace pinfold::detail {

/// Whether this process is a worker of some pool, or was forked by one.
[[nodiscard]] bool inside_worker_process() noexcept;

/// The life of a forked worker, from its start-up to its exit status.
class WorkerProcess {
  public:
    WorkerProcess(Control& control, const ProcessCrewOptions& options, int worker, pid_t supervisor)
        : control_(control),
          options_(options),
          line_(control.lines[static_cast<std::size_t>(worker)]),
          worker_(worker),
          supervisor_(supervisor) {}

    /// Works until the pool closes or the worker has run its share of chunks.
    int run();

  private:
    bool start_up();
    void end_with_supervisor() const;
    void bind() const;
    void limit_memory() const;
    [[nodiscard]] bool had_its_share() const noexcept;
    void wait_for_work(std::uint32_t seen) const;

    Control& control_;
    const ProcessCrewOptions& options_;
    WorkerLine& line_;
    const int worker_;
    const pid_t supervisor_;
    std::uint64_t starts_before_ = 0;
};

}  // namespace pinfold::detail

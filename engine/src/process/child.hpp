#pragma once

#include <sys/types.h>

#include <optional>

#include "process/host_only.hpp"

namespace pinfold::detail {

/// A child of this process, known by a pidfd. The program may reap it, or close the pidfd: then
/// nothing is done to whoever has its numbers by now.
class Child {
  public:
    /// Throws std::system_error where there is no pidfd to be had.
    explicit Child(pid_t pid);

    void send(int signal) const noexcept;

    /// Whether it was stopped since this was last asked.
    [[nodiscard]] bool was_stopped() const noexcept;

    /// Waits until it has ended, and reaps it. Returns its exit code, or the negative of the signal
    /// that ended it; nothing where somebody has reaped it before.
    [[nodiscard]] std::optional<int> take_exit_code() const noexcept;

    /// What to poll for its end; negative once the program has closed it.
    [[nodiscard]] int number() const noexcept { return pidfd_.number(); }

  private:
    const pid_t pid_;
    HostOnly pidfd_;
};

}  // namespace pinfold::detail

#pragma once

#include <sys/types.h>

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

    /// Waits until it has ended, and reaps it unless somebody has.
    void reap() const noexcept;

  private:
    HostOnly pidfd_;
};

}  // namespace pinfold::detail

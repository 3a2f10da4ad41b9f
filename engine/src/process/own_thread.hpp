#pragma once

#include <cstddef>

namespace pinfold::detail {

/// The stack of a thread that runs a user's code: as large as RLIMIT_STACK says, 8 MiB where that
/// is unlimited, with a guard page below.
///
/// Made in the process that forks, so that the child looks nothing up. A thread of the child's own
/// also has its own state in libraries that keep one a thread: OpenMP's runtime does not wait for
/// the team that the forking thread once had.
class ThreadStack {
  public:
    /// Looks the limit up.
    ThreadStack() noexcept;

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    /// Starts a detached thread on such a stack, for `run(argument)`. Returns 0 or an errno.
    [[nodiscard]] int start(void* (*run)(void*), void* argument) const noexcept;

  private:
    std::size_t bytes_;
};

}  // namespace pinfold::detail

#pragma once

#include <sys/types.h>

#include <pinfold/shm/descriptor.hpp>

namespace pinfold::detail {

using shm::Descriptor;

/// A descriptor that no child may keep: each fork() of the process closes it in the child, whoever
/// calls it. So its other end hears of this process's end, and not of the end of its last child.
///
/// The program may close it too, as daemons close all they find, and then its number may name
/// another file. So it is used only after a look whether it is still the same file, and such a
/// number is never closed.
///
/// Thread-safety: those of different descriptors; each may be asked by any thread.
class HostOnly {
  public:
    /// Takes over `opened`. Call it under the ForkLock under which it was opened. A pidfd is told
    /// from others by its `process`, since kernels before 6.9 give all of them one inode; without
    /// /proc it is not.
    explicit HostOnly(Descriptor opened, pid_t process = 0);
    ~HostOnly();
    HostOnly(const HostOnly&) = delete;
    HostOnly& operator=(const HostOnly&) = delete;

    /// The number, or -1 once the program has closed it.
    [[nodiscard]] int number() const noexcept;

    /// In a child at its birth, by ForkLock: closes all that there are.
    static void close_all() noexcept;

  private:
    void close_if_mine() noexcept;

    Descriptor descriptor_;
    pid_t process_ = 0;  // of a pidfd whose inode says nothing
    dev_t device_ = 0;
    ino_t file_ = 0;
    HostOnly* next_;
    HostOnly* before_ = nullptr;
};

}  // namespace pinfold::detail

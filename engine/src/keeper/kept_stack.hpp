#pragma once

#include <sys/types.h>

#include <atomic>

namespace pinfold::detail {

/// The stack of a thread whose variables a child is to use, though another thread forks the child.
///
/// A child has the stacks of all threads of its parent, but one thread. glibc takes the others for
/// free: it gives them to the child's first threads, or unmaps them. So what is kept is marked as
/// in use in the child.
class KeptStack {
  public:
    /// Of the calling thread.
    KeptStack() noexcept;

    /// In a child at its birth.
    void keep() const noexcept;

  private:
    std::atomic<pid_t>* id_in_library_ = nullptr;  // nullptr: nothing takes it for free
    pid_t id_ = 0;
};

}  // namespace pinfold::detail

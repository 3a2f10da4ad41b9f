#pragma once

// glibc's descriptor of a thread lies on the thread's stack. It has the thread's number, by which
// glibc tells the stacks in use: fork() clears it in the child for all threads but its caller. Its
// place is the library's own, so it is looked for; where it is not found, nothing is kept.

#include <pthread.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>

namespace pinfold::detail {

/// The stack of a thread whose variables a child is to use, though another thread forks the child.
///
/// A child has the stacks of all threads of its parent, but one thread. glibc takes the others for
/// free: it gives them to the child's first threads, or unmaps them. So what is kept is marked as
/// in use in the child, and in the child's own children.
class KeptStack {
  public:
    /// Of the calling thread. The main thread's is the system's own, which nothing takes for free.
    KeptStack() noexcept : id_(static_cast<pid_t>(syscall(SYS_gettid))) {
#if defined(__GLIBC__)
        auto* const descriptor = reinterpret_cast<std::atomic<pid_t>*>(pthread_self());
        for (std::size_t i = 0; i < searched && id_ != getpid(); ++i) {
            if (descriptor[i].load(std::memory_order_relaxed) == id_) {
                in_library_ = descriptor + i;
                return;
            }
        }
#endif
    }

    /// In a child at its birth.
    void keep() const noexcept {
        if (in_library_ != nullptr && in_library_->load(std::memory_order_relaxed) == 0) {
            in_library_->store(id_, std::memory_order_relaxed);
        }
    }

  private:
    // The descriptor is larger on all machines, and the number lies in its first half.
    static constexpr std::size_t searched = 1024 / sizeof(pid_t);

    pid_t id_;
    std::atomic<pid_t>* in_library_ = nullptr;
};

}  // namespace pinfold::detail

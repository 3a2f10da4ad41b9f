// glibc's descriptor of a thread lies on the thread's stack. It has the thread's number, by which
// glibc tells the stacks in use: fork() clears it in the child for all threads but its caller. Its
// place is the library's own, so it is looked for; where it is not found, nothing is kept.
#include "keeper/kept_stack.hpp"

#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace pinfold::detail {

namespace {

// The descriptor is larger on all machines, and the number lies in its first half.
constexpr std::size_t searched_bytes = 1024;

}  // namespace

// The main thread's stack is the system's own.
KeptStack::KeptStack() noexcept : id_(static_cast<pid_t>(syscall(SYS_gettid))) {
#if defined(__GLIBC__)
    if (id_ == getpid()) {
        return;
    }
    auto* const first = reinterpret_cast<std::atomic<pid_t>*>(pthread_self());
    for (std::size_t i = 0; i < searched_bytes / sizeof(pid_t); ++i) {
        if (first[i].load(std::memory_order_relaxed) == id_) {
            id_in_library_ = first + i;
            return;
        }
    }
#endif
}

void KeptStack::keep() const noexcept {
    if (id_in_library_ != nullptr && id_in_library_->load(std::memory_order_relaxed) == 0) {
        id_in_library_->store(id_, std::memory_order_relaxed);
    }
}

}  // namespace pinfold::detail

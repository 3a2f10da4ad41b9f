#include "process/own_thread.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <climits>
#include <cstddef>
#include <exception>
#include <string>

#include "process/why_refused.hpp"

namespace pinfold::detail {

namespace {

constexpr std::size_t bytes_if_unlimited = std::size_t{8} << 20;
constexpr std::size_t fewest_bytes = std::size_t{64} << 10;

std::size_t bytes_by_limit() noexcept {
    rlimit limit{};
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
        return bytes_if_unlimited;
    }
    return std::max<std::size_t>(
        {limit.rlim_cur, fewest_bytes, static_cast<std::size_t>(PTHREAD_STACK_MIN)});
}

/// A thread's work, and what came of it.
struct Task {
    const std::function<void()>& body;
    std::exception_ptr thrown;
};

void* run(void* task) {
    auto& its = *static_cast<Task*>(task);
    try {
        its.body();
    } catch (...) {
        its.thrown = std::current_exception();
    }
    return nullptr;
}

/// Starts `task` with all signals held off. Returns 0 or an errno.
int start(pthread_t& thread, std::size_t stack_bytes, Task& task) noexcept {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_bytes);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&thread, &attributes, run, &task);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    pthread_attr_destroy(&attributes);
    return error;
}

}  // namespace

void on_own_thread(const std::function<void()>& body) {
    const std::size_t stack_bytes = bytes_by_limit();
    Task task{body, nullptr};
    pthread_t thread{};
    if (const int error = start(thread, stack_bytes, task); error != 0) {
        throw refusal(error, "cannot start a thread with a stack of " +
                                 std::to_string(stack_bytes) + " bytes");
    }
    pthread_join(thread, nullptr);
    if (task.thrown) {
        std::rethrow_exception(task.thrown);
    }
}

}  // namespace pinfold::detail

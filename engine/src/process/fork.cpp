#include "process/fork.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "process/output.hpp"

// Present only in a build that measures coverage, whose data would be lost by _exit().
extern "C" void __gcov_dump() __attribute__((weak));

namespace pinfold::detail {

namespace {

void take_own_signals() noexcept {
    struct sigaction action {};
    for (int signal = 1; signal < NSIG; ++signal) {
        const bool from_terminal =
            signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
        action.sa_handler = from_terminal ? SIG_IGN : SIG_DFL;
        sigaction(signal, &action, nullptr);  // refused for KILL, STOP and the library's own
    }
}

}  // namespace

// All signals are held off meanwhile, so that none meets a child that has its parent's handlers.
pid_t fork_in_order() noexcept {
    flush_stdout_if_free();
    sigset_t mask;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    const pid_t pid = fork();
    const int error = errno;
    if (pid == 0) {
        drop_inherited_output();
        take_own_signals();
        sigemptyset(&mask);
    }
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    errno = error;
    return pid;
}

void leave_child(int status) noexcept {
    flush_all_output();
    if (__gcov_dump != nullptr) {
        __gcov_dump();
    }
    _exit(status);
}

}  // namespace pinfold::detail

#include "process/fork.hpp"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "process/output.hpp"

// Present only in a build that measures coverage, whose data would be lost by _exit().
extern "C" void __gcov_dump() __attribute__((weak));

namespace pinfold::detail {

namespace {

/// Whether a child ignores a signal about which its parent does this.
///
/// What the host ignores must not kill a map on this crew alone, so it stays ignored. A host that
/// catches SIGPIPE or SIGXFSZ does so to live on with the error of its write, and no handler of its
/// runs in a child: there the signal is ignored, and the write fails just the same. SIGCHLD is the
/// exception: ignored, it keeps a process from waiting for its children.
bool is_ignored_in_child(int signal, const struct sigaction& in_parent, Forked what) noexcept {
    switch (signal) {
        case SIGINT:
        case SIGHUP:
        case SIGQUIT:
            return true;
        case SIGTERM:
            return what == Forked::for_pool;
        case SIGCHLD:
            return false;
        case SIGPIPE:
        case SIGXFSZ:
            return in_parent.sa_handler != SIG_DFL;
        default:
            return in_parent.sa_handler == SIG_IGN;
    }
}

// What a supervisor has set in order, its workers inherit: it catches no signal and prints nothing.
constinit bool is_in_order = false;

constinit bool is_forked = false;

void take_own_signals(Forked what) noexcept {
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction in_parent {};
        struct sigaction action {};
        sigaction(signal, nullptr, &in_parent);
        action.sa_handler = is_ignored_in_child(signal, in_parent, what) ? SIG_IGN : SIG_DFL;
        if (in_parent.sa_handler != action.sa_handler) {
            sigaction(signal, &action, nullptr);  // refused for KILL, STOP and the library's own
        }
    }
}

}  // namespace

// All signals are held off meanwhile, so that none meets a child that has its parent's handlers.
pid_t fork_in_order(Forked what) noexcept {
    if (!is_in_order) {
        flush_stdout_if_free();
    }
    sigset_t mask;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &mask);
    const pid_t pid = fork();
    const int error = errno;
    if (pid == 0) {
        is_forked = true;
        if (!is_in_order) {
            drop_inherited_output();
            take_own_signals(what);
        }
        is_in_order = what == Forked::for_pool;
        sigemptyset(&mask);
    }
    pthread_sigmask(SIG_SETMASK, &mask, nullptr);
    errno = error;
    return pid;
}

bool inside_child() noexcept {
    return is_forked;
}

void leave_child(int status) noexcept {
    flush_all_output();
    leave_mute_child(status);
}

void leave_mute_child(int status) noexcept {
    if (__gcov_dump != nullptr) {
        __gcov_dump();
    }
    _exit(status);
}

}  // namespace pinfold::detail

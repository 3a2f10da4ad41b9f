#include "tree/fork.hpp"

#include <signal.h>
#include <stdio_ext.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <iostream>
#include <string>
#include <system_error>

// Present only in a build that measures coverage, whose data would be lost by _exit().
extern "C" void __gcov_dump() __attribute__((weak));

namespace pinfold::detail {

namespace {

constexpr int threw = 70;  // EX_SOFTWARE of sysexits.h

/// Holds off every signal for its life.
class SignalsHeld {
  public:
    SignalsHeld() noexcept {
        sigset_t all;
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

  private:
    sigset_t before_{};
};

void take_own_signals() noexcept {
    struct sigaction action {};
    for (int signal = 1; signal < NSIG; ++signal) {
        const bool from_terminal =
            signal == SIGINT || signal == SIGTERM || signal == SIGHUP || signal == SIGQUIT;
        action.sa_handler = from_terminal ? SIG_IGN : SIG_DFL;
        sigaction(signal, &action, nullptr);  // refused for KILL, STOP and the library's own
    }
    sigset_t none;
    sigemptyset(&none);
    pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace

pid_t fork_child(const char* what, const std::function<int()>& body) {
    std::cout.flush();
    std::clog.flush();
    std::fflush(nullptr);
    const SignalsHeld held;
    const pid_t pid = fork();
    if (pid < 0) {
        throw std::system_error(errno, std::generic_category(),
                                std::string("cannot start ") + what);
    }
    if (pid == 0) {
        __fpurge(stdout);  // what another thread printed since the flush is the parent's to write
        take_own_signals();
        try {
            leave_child(body());
        } catch (...) {
            // Above this frame are copies of the parent's, which would go on as if they were it. A
            // map that calls pthread_exit() comes here too.
            leave_child(threw);
        }
    }
    return pid;
}

void leave_child(int status) noexcept {
    std::cout.flush();
    std::fflush(nullptr);
    if (__gcov_dump != nullptr) {
        __gcov_dump();
    }
    _exit(status);
}

}  // namespace pinfold::detail

#include "shell/stop_signals.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>

namespace pinfold::apps {

namespace {

// Long enough for a pool of a thousand processes to be killed and reaped, short enough to be felt
// as "at once".
constexpr int grace_ms = 500;

int checked(int result, const char* what) {
    if (result == -1) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return result;
}

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        checked(sigaction(signal, nullptr, &action), "sigaction");
        if (action.sa_handler != SIG_IGN) {
            sigaddset(&set, signal);
        }
    }
    return set;
}

/// The system's own text names a resource, but not what wanted it.
template <typename Work>
std::thread start_thread(Work work) {
    try {
        return std::thread(work);
    } catch (const std::system_error& error) {
        const bool is_limited = error.code() == std::errc::resource_unavailable_try_again;
        throw std::system_error(error.code(), std::string("cannot start a thread") +
                                                  (is_limited ? " (is ulimit -v or -u too low?)"
                                                              : " (a filter such as a container's "
                                                                "seccomp may forbid it)"));
    }
}

constexpr int no_signal = 0;
constexpr int timed_out = -1;

[[noreturn]] void end_program(int signal) {
    if (isatty(STDERR_FILENO) == 1) {
        // Leaves the line of the progress bar to the shell's prompt.
        [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, "\n", 1);
    }
    _exit(128 + signal);
}

}  // namespace

StopSignals::StopSignals()
    : watched_(stop_signals()),
      signals_(checked(signalfd(-1, &watched_, SFD_CLOEXEC), "signalfd")),
      finished_(checked(eventfd(0, EFD_CLOEXEC), "eventfd")) {
    pthread_sigmask(SIG_BLOCK, &watched_, &previous_mask_);
    watcher_ = start_thread([this] { watch(); });
}

StopSignals::~StopSignals() {
    eventfd_write(finished_.number(), 1);
    watcher_.join();
    // After a stop the program is about to end, with an exit status that a second signal, let
    // through now, would spoil.
    if (caught() == no_signal) {
        pthread_sigmask(SIG_SETMASK, &previous_mask_, nullptr);
    }
}

void StopSignals::watch() {
    constexpr int for_ever = -1;
    const int signal = wait(for_ever);
    if (signal == no_signal) {
        return;
    }
    caught_ = signal;
    stop_.request_stop();
    if (wait(grace_ms) != no_signal) {
        end_program(signal);
    }
}

/// The next signal; no_signal when the destructor runs; timed_out.
int StopSignals::wait(int timeout_ms) const {
    std::array<pollfd, 2> events{pollfd{finished_.number(), POLLIN, 0},
                                 pollfd{signals_.number(), POLLIN, 0}};
    int ready = 0;
    do {
        ready = poll(events.data(), events.size(), timeout_ms);
    } while (ready == -1 && errno == EINTR);
    if (ready == 0) {
        return timed_out;
    }
    signalfd_siginfo info{};
    if (events[0].revents != 0 || read(signals_.number(), &info, sizeof info) != sizeof info) {
        return no_signal;
    }
    return static_cast<int>(info.ssi_signo);
}

}  // namespace pinfold::apps

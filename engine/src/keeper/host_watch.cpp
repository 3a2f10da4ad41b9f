#include "keeper/host_watch.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "process/descriptors.hpp"

namespace pinfold::detail {

namespace {

// Where the Process has closed the descriptor, its parent's number tells.
constexpr std::chrono::milliseconds look_if_closed{100};

void wait_for_end(int pidfd, pid_t host) noexcept {
    pollfd end{pidfd, POLLIN, 0};
    while (getppid() == host) {
        const int found = poll(&end, 1, -1);
        if (found > 0 && (end.revents & POLLNVAL) != 0) {
            std::this_thread::sleep_for(look_if_closed);
        }
    }
}

}  // namespace

void watch_host(shm::Roster& roster, pid_t host) {
    Descriptor pidfd = open_process(host);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);  // no signal of the program's is for that thread
    try {
        std::thread([pidfd = std::move(pidfd), &roster, host] {
            wait_for_end(pidfd.number(), host);
            roster.break_up();
        }).detach();
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace pinfold::detail

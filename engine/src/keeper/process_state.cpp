#include "keeper/process_state.hpp"

#include <poll.h>
#include <sys/wait.h>

namespace pinfold::detail {

// What opens and closes descriptors takes the ForkLock: not under this lock.
void ProcessState::begin(pid_t pid) {
    auto child = std::make_unique<Child>(pid);
    const std::scoped_lock lock(mutex_);
    child_ = std::move(child);
    pid_ = pid;
}

pid_t ProcessState::pid() const {
    const std::scoped_lock lock(mutex_);
    return pid_;
}

int ProcessState::number() const {
    const std::scoped_lock lock(mutex_);
    return child_->number();
}

std::optional<int> ProcessState::reap() const {
    const std::scoped_lock lock(mutex_);
    return child_->take_exit_code();
}

// Where the program has closed the descriptor: a child that nobody has reaped keeps its process
// number.
bool ProcessState::has_ended() const {
    pollfd end{number(), POLLIN, 0};
    if (end.fd >= 0) {
        return poll(&end, 1, 0) > 0;
    }
    siginfo_t info{};
    return waitid(P_PID, static_cast<id_t>(pid()), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
           info.si_pid != 0;
}

// Whoever sees the end finds no descriptor of it.
void ProcessState::end(const End& how) {
    std::unique_ptr<Child> child;
    {
        const std::scoped_lock lock(mutex_);
        child = std::move(child_);
    }
    child.reset();
    {
        const std::scoped_lock lock(mutex_);
        end_ = how;
    }
    bell_.ring();
}

bool ProcessState::wait(shm::Until until) {
    for (;;) {
        const std::uint32_t seen = bell_.value();
        if (how_it_ended()) {
            return true;
        }
        const std::chrono::nanoseconds left = shm::left_until(until);
        if (left == left.zero()) {
            return false;
        }
        bell_.wait(seen, left);
    }
}

std::optional<ProcessState::End> ProcessState::how_it_ended() const {
    const std::scoped_lock lock(mutex_);
    return end_;
}

void ProcessState::send(int signal) const {
    const std::scoped_lock lock(mutex_);
    if (child_) {
        child_->send(signal);
    }
}

}  // namespace pinfold::detail

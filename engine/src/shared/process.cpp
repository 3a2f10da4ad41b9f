#include <sched.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <pinfold/engine/shared/process.hpp>
#include <stdexcept>

#include "shared/space_core.hpp"

namespace pinfold {

namespace {

std::atomic<int> made{0};

void check_uses(const std::vector<detail::Enrolment>& uses, const shm::Roster& roster) {
    for (const detail::Enrolment& each : uses) {
        if (!each.is_of(roster)) {
            throw std::logic_error(
                "cannot start a Process: an object that it uses is of another Pool or Shared");
        }
    }
}

std::string name_or_next(std::string name) {
    return name.empty() ? "Process-" + std::to_string(++made) : std::move(name);
}

}  // namespace

Process::Process(const Space& space, ProcessOptions options, const std::function<void()>& function)
    : maker_(shm::mark_of_this_process()),
      name_(name_or_next(std::move(options.name))),
      is_detached_(options.detached),
      space_(space.core().shared_from_this()),
      state_(std::make_shared<detail::ProcessState>()) {
    check_uses(options.uses, space_->roster());
    detail::Birth birth{.function = function,
                        .name = name_,
                        .uses = options.uses,
                        .is_detached = is_detached_,
                        .state = state_};
    birth.has_cpus = sched_getaffinity(0, sizeof birth.cpus, &birth.cpus) == 0;
    space_->give_birth(birth);
}

Process::~Process() {
    leave();
}

Process::Process(Process&& other) noexcept = default;

Process& Process::operator=(Process&& other) noexcept {
    if (this != &other) {
        leave();
        maker_ = other.maker_;
        name_ = std::move(other.name_);
        is_detached_ = other.is_detached_;
        space_ = std::move(other.space_);
        state_ = std::move(other.state_);
    }
    return *this;
}

// What a child has a copy of is its parent's.
void Process::leave() noexcept {
    if (state_ && maker_.holds() && !is_detached_) {
        static_cast<void>(state_->wait(shm::for_ever));
    }
}

detail::ProcessState& Process::state() const {
    if (!state_) {
        throw std::logic_error("a Process was used after it was moved from");
    }
    if (!maker_.holds()) {
        throw std::logic_error("a Process is used by the program that made it: process " +
                               std::to_string(getpid()) + " is another");
    }
    return *state_;
}

int Process::pid() const {
    return state().pid();
}

void Process::join() const {
    static_cast<void>(state().wait(shm::for_ever));
}

bool Process::join_before(shm::Until until) const {
    return state().wait(until);
}

std::optional<int> Process::exit_code() const {
    const auto end = state().how_it_ended();
    return end ? std::optional(end->exit_code) : std::nullopt;
}

std::string Process::error() const {
    const auto end = state().how_it_ended();
    return end ? end->text.data() : "";
}

void Process::terminate() const {
    state().send(SIGTERM);
}

void Process::kill() const {
    state().send(SIGKILL);
}

}  // namespace pinfold

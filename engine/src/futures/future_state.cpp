#include <cstring>
#include <pinfold/engine/detail/tasks/future_state.hpp>
#include <pinfold/engine/detail/tasks/throw_task_failed.hpp>
#include <stdexcept>

#include "futures/future_home.hpp"

namespace pinfold::detail {

namespace {

// A look may find that the task is done, which changes no more than what is known of it.
FutureState& mutable_state(const FutureState& state) noexcept {
    return const_cast<FutureState&>(state);  // NOLINT: states are made by make_shared, never const
}

}  // namespace

FutureHome& FutureState::home() const {
    FutureHome& home = home_ ? *home_ : FutureHome::of_no_pool();
    home.require_owner();
    return home;
}

FutureState::FutureState() = default;

FutureState::~FutureState() {
    release_result();
}

bool FutureState::is_done() const {
    return home().look(mutable_state(*this));
}

bool FutureState::is_running() const {
    return home().is_running(*this);
}

int FutureState::attempts() const {
    return home().attempts(*this);
}

bool FutureState::was_cancelled() const {
    return is_done() && ending_ == Ending::cancelled;
}

bool FutureState::wait_for(std::chrono::nanoseconds longest) const {
    return home().wait(mutable_state(*this), longest);
}

std::size_t FutureState::wait_any(std::span<FutureState* const> states,
                                  std::chrono::nanoseconds longest) {
    return states.empty() ? 0 : states.front()->home().wait_any(states, longest);
}

bool FutureState::cancel() {
    return home().cancel(*this);
}

void FutureState::drop() noexcept {
    if (home_ && home_->is_ours()) {
        home_->drop(*this);
    }
}

void FutureState::check() const {
    if (!is_done()) {
        throw std::logic_error("a future was asked for its value before it was done");
    }
    switch (ending_) {
        case Ending::failed:
            throw_task_failed(*details_);
        case Ending::cancelled:
        case Ending::thrown:
            std::rethrow_exception(failure_);
        case Ending::none:
        case Ending::value:
            break;
    }
}

ResultSlot FutureState::result() const {
    static_assert(Result::room == ResultSlot::room);
    ResultSlot slot;
    slot.bytes = result_.bytes;
    std::memcpy(slot.here, result_.content, sizeof slot.here);
    return slot;
}

void FutureState::release_result() noexcept {
    if (result_.bytes > ResultSlot::room && home_ && home_->is_ours()) {
        std::byte* block = nullptr;
        std::memcpy(&block, result_.content, sizeof block);
        home_->free_block(block);
    }
    result_.bytes = 0;
}

void FutureState::throw_unreadable_result() const {
    TaskFailed::Details details;
    details.number = number_;
    details.name = name_.data();
    details.attempts = attempts_;
    throw_task_failed_by_current(std::move(details));
}

void FutureState::on_done(std::function<void()> hook) {
    home().on_done(*this, std::move(hook));
}

bool FutureState::begin() {
    return home().begin(*this);
}

void FutureState::fulfil() {
    home().end_made(*this, nullptr);
}

void FutureState::fail(std::exception_ptr failure) {
    home().end_made(*this, std::move(failure));
}

void FutureState::adopt_like(const FutureState& other) {
    home_ = other.home_;
    is_made_by_hooks_ = true;
}

}  // namespace pinfold::detail

#include "futures/ends.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include "futures/future_home.hpp"
#include "futures/lane_home.hpp"

namespace pinfold::detail {

// Whoever ends a state has its home's mutex while it tells.
Ends::~Ends() {
    for (std::size_t i = 0; i < notes_.size(); ++i) {
        FutureHome::forget_note(*states_[i], notes_[i]);
    }
}

void Ends::tell(std::size_t number) {
    const std::lock_guard lock(mutex_);
    told_.push_back(number);
}

bool Ends::is_any() {
    if (in_hand() != 0) {
        return true;
    }
    const std::lock_guard lock(mutex_);
    in_hand_.clear();
    taken_ = 0;
    std::swap(in_hand_, told_);
    given_ += in_hand_.size();
    return !in_hand_.empty();
}

// Those that are done come first, in the order of the caller.
void Ends::begin() {
    is_begun_ = true;
    told_.reserve(states_.size());
    in_hand_.reserve(states_.size());
    notes_.resize(states_.size());
    for (std::size_t i = 0; i < states_.size(); ++i) {
        notes_[i] = {this, i, nullptr};
        if (states_[i]->is_done() || !FutureHome::leave_note(*states_[i], notes_[i])) {
            tell(i);
        }
    }
    home_ = FutureHome::home_of_all(states_);
}

bool Ends::wait(std::chrono::nanoseconds longest) {
    if (!is_begun_) {
        begin();
    }
    if (is_any()) {
        return true;
    }
    if (left() == 0) {
        return false;
    }
    const Until until(longest);
    for (;;) {
        if (home_ == nullptr || !home_->wait_for_end(*this, until.left())) {
            wait_for_any(until.left());
        }
        if (is_any()) {
            return true;
        }
        if (until.is_over()) {
            return false;
        }
        std::this_thread::yield();  // one was seen to be done just before it is told
    }
}

// Looks at each. Whoever finds that one is done ends it, which is told.
void Ends::wait_for_any(std::chrono::nanoseconds longest) const {
    std::vector<FutureState*> pending;
    for (const std::shared_ptr<FutureState>& state : states_) {
        if (!FutureHome::is_known_to_be_done(*state)) {
            pending.push_back(state.get());
        }
    }
    static_cast<void>(FutureState::wait_any(pending, longest));
}

}  // namespace pinfold::detail

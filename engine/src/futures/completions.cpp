#include <algorithm>
#include <pinfold/engine/detail/tasks/completions.hpp>
#include <pinfold/engine/detail/tasks/continuation.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <utility>

namespace pinfold::detail {

Completions::Completions(std::chrono::nanoseconds time)
    : began_(std::chrono::steady_clock::now()), time_(time) {}

void Completions::add(std::shared_ptr<FutureState> state) {
    pending_.push_back(states_.size());
    states_.push_back(std::move(state));
}

std::size_t Completions::next() {
    if (!find()) {
        if (!pending_.empty()) {
            throw_timeout(time_);
        }
        return states_.size();
    }
    const std::size_t found = in_hand_.back();
    in_hand_.pop_back();
    return found;
}

void Completions::wait(bool for_one, bool for_failure) {
    while (find()) {
        const bool is_found =
            for_one ||
            (for_failure && std::ranges::any_of(in_hand_, [this](std::size_t i) {
                 return !states_[i]->was_cancelled() && failure_of(*states_[i]) != nullptr;
             }));
        if (is_found) {
            return;
        }
        in_hand_.clear();
    }
}

std::chrono::nanoseconds Completions::left() const {
    if (time_ == for_ever) {
        return for_ever;
    }
    const std::chrono::nanoseconds gone = std::chrono::steady_clock::now() - began_;
    return std::max(time_ - gone, std::chrono::nanoseconds(0));
}

// Those that are done come first come first in the order of the caller.
void Completions::look() {
    const auto is_pending = [this](std::size_t i) { return !states_[i]->is_done(); };
    const auto done = std::stable_partition(pending_.begin(), pending_.end(), is_pending);
    in_hand_.assign(pending_.rbegin(), std::make_reverse_iterator(done));
    pending_.erase(done, pending_.end());
}

bool Completions::find() {
    if (!in_hand_.empty()) {
        return true;
    }
    look();
    if (in_hand_.empty() && !pending_.empty()) {
        std::vector<FutureState*> states;
        states.reserve(pending_.size());
        for (const std::size_t i : pending_) {
            states.push_back(states_[i].get());
        }
        static_cast<void>(FutureState::wait_any(states, left()));
        look();
    }
    return !in_hand_.empty();
}

}  // namespace pinfold::detail

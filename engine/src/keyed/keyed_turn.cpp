#include "keyed/keyed_turn.hpp"

#include "wait_slice.hpp"

namespace pinfold::detail {

KeyedTurn::KeyedTurn(KeyedTurns* turns, const std::stop_token& stop,
                     std::chrono::nanoseconds deadline) {
    const auto began = std::chrono::steady_clock::now();
    const auto may_wait = [&] {
        return !stop.stop_requested() &&
               (deadline.count() == 0 || std::chrono::steady_clock::now() - began < deadline);
    };
    while (turns != nullptr && held_ == nullptr && may_wait()) {
        if (turns->try_acquire_for(wait_slice)) {
            held_ = turns;
        }
    }
}

KeyedTurn::~KeyedTurn() {
    if (held_ != nullptr) {
        held_->release();
    }
}

}  // namespace pinfold::detail

#include <algorithm>
#include <pinfold/engine/detail/tasks/completions.hpp>
#include <pinfold/engine/detail/tasks/continuation.hpp>
#include <pinfold/engine/detail/tasks/waiting_time.hpp>
#include <utility>

#include "futures/ends.hpp"

namespace pinfold::detail {

Completions::Completions(std::chrono::nanoseconds time)
    : began_(std::chrono::steady_clock::now()), time_(time), ends_(std::make_unique<Ends>()) {}

Completions::~Completions() = default;
Completions::Completions(Completions&&) noexcept = default;
Completions& Completions::operator=(Completions&&) noexcept = default;

void Completions::add(std::shared_ptr<FutureState> state) {
    ends_->add(std::move(state));
}

std::size_t Completions::next() {
    if (!ends_->wait(left())) {
        if (ends_->left() != 0) {
            throw_timeout(time_);
        }
        return ends_->states().size();
    }
    return ends_->take();
}

void Completions::wait(bool for_one, bool for_failure) {
    while (ends_->wait(left())) {
        const FutureState& ended = *ends_->states()[ends_->take()];
        if (for_one || (for_failure && !ended.was_cancelled() && failure_of(ended) != nullptr)) {
            return;
        }
    }
}

std::chrono::nanoseconds Completions::left() const {
    if (time_ == for_ever) {
        return for_ever;
    }
    const std::chrono::nanoseconds gone = std::chrono::steady_clock::now() - began_;
    return std::max(time_ - gone, std::chrono::nanoseconds(0));
}

}  // namespace pinfold::detail

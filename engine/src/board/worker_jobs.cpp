#include "board/worker_jobs.hpp"

#include <algorithm>

#include "board/board.hpp"

namespace pinfold::detail {

WorkerJobs::~WorkerJobs() {
    forget_if([](const Kept&) { return true; });
}

const void* WorkerJobs::made_of(const void* message, const Kind& kind) {
    const std::uint64_t generation = board_->generation.load(std::memory_order_relaxed);
    const auto found = std::ranges::find_if(kept_, [&](const Kept& kept) {
        return kept.board == board_ && kept.generation == generation && kept.message == message;
    });
    if (found != kept_.end()) {
        return found->made;
    }
    kept_.reserve(kept_.size() + 1);  // so that what was made is kept for certain
    kept_.push_back({board_, generation, message, kind.make(message), kind.end});
    return kept_.back().made;
}

void WorkerJobs::forget(const Board& board) noexcept {
    forget_if([&](const Kept& kept) { return kept.board == &board; });
}

void WorkerJobs::forget_closed(const BoardTable& table) noexcept {
    forget_if([&](const Kept& kept) {
        const auto number = static_cast<std::size_t>(kept.board - table.boards.data());
        return table.open[number].load(std::memory_order_acquire) != kept.generation;
    });
}

template <typename Condition>
void WorkerJobs::forget_if(const Condition& condition) noexcept {
    std::erase_if(kept_, [&](const Kept& kept) {
        const bool goes = condition(kept);
        if (goes) {
            kept.end(kept.made);
        }
        return goes;
    });
}

}  // namespace pinfold::detail

#include "tree/deadline_watch.hpp"

#include <algorithm>

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int ticks_a_deadline = 8;
constexpr milliseconds shortest_interval{1};
constexpr milliseconds longest_interval{50};

}  // namespace

DeadlineWatch::DeadlineWatch(const Control& control)
    : control_(control), seen_(control.lines.size()) {}

// Closed boards count too: a worker may hang on one whose job was stopped.
std::optional<milliseconds> DeadlineWatch::interval() const noexcept {
    std::optional<milliseconds> shortest;
    for (std::uint32_t slot = 0; slot < control_.boards.size(); ++slot) {
        const nanoseconds deadline(control_.boards[slot].chunk_deadline_ns);
        if (deadline.count() != 0 && in_use(slot)) {
            const auto wanted =
                std::chrono::duration_cast<milliseconds>(deadline / ticks_a_deadline);
            const auto interval = std::clamp(wanted, shortest_interval, longest_interval);
            shortest = std::min(shortest.value_or(interval), interval);
        }
    }
    return shortest;
}

bool DeadlineWatch::in_use(std::uint32_t slot) const noexcept {
    const auto is_on_it = [slot](const WorkerLine& line) {
        return line.joined.load(std::memory_order_acquire) != 0 &&
               line.slot.load(std::memory_order_relaxed) == slot;
    };
    return control_.open[slot].load(std::memory_order_acquire) != 0 ||
           std::any_of(control_.lines.begin(), control_.lines.end(), is_on_it);
}

std::vector<int> DeadlineWatch::tick(std::int64_t now_ns) {
    const std::int64_t longest_step =
        2 * nanoseconds(interval().value_or(longest_interval)).count();
    const std::int64_t step = std::min(now_ns - last_tick_ns_, longest_step);
    last_tick_ns_ = now_ns;
    std::vector<int> late;
    for (std::size_t w = 0; w < seen_.size(); ++w) {
        const std::uint64_t starts = control_.lines[w].starts.load(std::memory_order_acquire);
        const std::int64_t deadline = deadline_of(static_cast<int>(w));
        if (deadline == 0 || starts != seen_[w].starts) {
            seen_[w] = {starts, 0};
            continue;
        }
        seen_[w].running_ns += step;
        if (seen_[w].running_ns > deadline) {
            seen_[w].running_ns = 0;
            late.push_back(static_cast<int>(w));
        }
    }
    return late;
}

std::int64_t DeadlineWatch::deadline_of(int worker) const noexcept {
    const WorkerLine& line = control_.lines[static_cast<std::size_t>(worker)];
    const std::uint64_t generation = line.joined.load(std::memory_order_acquire);
    const Board& board = control_.boards[line.slot.load(std::memory_order_relaxed)];
    const bool is_on_it = generation != 0 && board.generation == generation;
    return is_on_it ? board.chunk_deadline_ns.load(std::memory_order_relaxed) : 0;
}

}  // namespace pinfold::detail

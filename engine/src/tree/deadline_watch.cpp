#include "tree/deadline_watch.hpp"

#include <algorithm>

#include "wait_slice.hpp"

namespace pinfold::detail {

namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr int ticks_a_deadline = 8;
constexpr milliseconds shortest_interval{1};

}  // namespace

DeadlineWatch::DeadlineWatch(Works works, std::span<const shm::Party> workers)
    : works_(works), workers_(workers) {
    std::size_t levels = 0;
    for (const Work* const work : works) {
        levels += work->most_levels();
    }
    seen_.resize(levels * workers.size());
    late_.reserve(workers.size());  // a supervisor ticks without the heap
}

std::optional<milliseconds> DeadlineWatch::interval() const noexcept {
    std::optional<milliseconds> shortest;
    for (const Work* const work : works_) {
        const nanoseconds deadline(work->shortest_deadline_ns());
        if (deadline.count() != 0) {
            const auto wanted =
                std::chrono::duration_cast<milliseconds>(deadline / ticks_a_deadline);
            const auto interval = std::clamp(wanted, shortest_interval, wait_slice);
            shortest = std::min(shortest.value_or(interval), interval);
        }
    }
    return shortest;
}

std::span<const WorkerNumber> DeadlineWatch::tick(std::int64_t now_ns) noexcept {
    const std::int64_t longest_step = 2 * nanoseconds(interval().value_or(wait_slice)).count();
    const std::int64_t step = std::min(now_ns - last_tick_ns_, longest_step);
    last_tick_ns_ = now_ns;
    late_.clear();
    for (WorkerNumber worker = 0; worker < workers_.size(); ++worker) {
        bool is_late_anywhere = false;
        Seen* seen = &seen_[worker * (seen_.size() / workers_.size())];
        for (Work* const work : works_) {
            is_late_anywhere |= is_late_at(*work, worker, seen, step);
            seen += work->most_levels();
        }
        if (is_late_anywhere) {
            late_.push_back(worker);
        }
    }
    return late_;
}

/// At any of the levels of one kind of work; it is condemned then.
bool DeadlineWatch::is_late_at(Work& work, WorkerNumber worker, Seen* seen,
                               std::int64_t step_ns) const noexcept {
    bool is_late_anywhere = false;
    for (std::uint32_t level = 0; level < work.levels_of(worker); ++level) {
        const std::uint64_t doing = work.doing_of(worker, level);
        const bool seems_late = is_late(seen[level], {workers_[worker].id(worker), doing, 0},
                                        work.deadline_ns_of(worker, level), step_ns);
        is_late_anywhere |= seems_late && work.condemn(worker, doing);
    }
    return is_late_anywhere;
}

bool DeadlineWatch::is_late(Seen& seen, const Seen& now, std::int64_t deadline_ns,
                            std::int64_t step_ns) const noexcept {
    if (deadline_ns == 0 || now.worker != seen.worker || now.doing != seen.doing) {
        seen = now;
        return false;
    }
    seen.running_ns += step_ns;
    if (seen.running_ns <= deadline_ns) {
        return false;
    }
    seen.running_ns = 0;
    return true;
}

}  // namespace pinfold::detail

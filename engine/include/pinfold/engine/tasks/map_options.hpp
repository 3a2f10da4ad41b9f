#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/tasks/options.hpp>

namespace pinfold {

class Timeline;

/// How far a batch is; see Batch::progress().
struct BatchProgress {
    std::uint64_t done = 0;     ///< items whose tasks have ended, whatever their end
    std::uint64_t running = 0;  ///< tasks that workers run now
    std::uint64_t retried = 0;  ///< starts of tasks beyond the first, after a death

    /// Items of the input. Not there while the input does not know its size and has not ended.
    std::optional<std::uint64_t> total{};
    std::optional<std::uint64_t> remaining{};  ///< of these, not done yet

    double seconds = 0;  ///< since the call; at the end, what the batch took
    double rate = 0;     ///< items done a second, since the call

    /// At this rate; not there where the total or the rate is not known.
    std::optional<double> seconds_left{};
};

/// What a map over items is run with. A call takes the names in braces, behind the items:
/// `pool.map(f, items, {.grain = 64})`.
struct MapOptions {
    /// Items a task. Where f takes less than some microseconds, more of them cost less; where a
    /// task fails or is cancelled, all of its items do.
    std::uint64_t grain = 1;

    /// How many tasks, at most, are submitted beyond the items that were taken. So many results are
    /// held, and no more. 0 takes the default: four for each worker, and at least 64. A pool of
    /// Crew::serial has one.
    std::uint64_t look_ahead = 0;

    /// Of each task, but for room_within and stop, which are refused. In reports a task is called
    /// by this name and the items: "shrink[17]".
    TaskOptions task{};

    /// Records when each task ran that has ended, and where; see timeline.hpp. It outlives the
    /// batch. In a worker process, one of the host is refused.
    Timeline* timeline = nullptr;

    /// Called about ten times a second in the thread that takes results, while it waits and when it
    /// takes one; and once at the end.
    std::function<void(const BatchProgress&)> progress{};
};

}  // namespace pinfold

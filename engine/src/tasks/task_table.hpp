#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

#include "tasks/task_lane.hpp"
#include "tasks/task_line.hpp"
#include "tree/crew.hpp"

namespace pinfold::detail {

/// Of the table of lanes.
inline constexpr std::uint32_t host_lane = 0;
constexpr std::uint32_t lane_of(WorkerNumber worker) noexcept {
    return worker + 1;
}

/// All tasks of a pool, and what its workers are at among them: the root in shared memory.
struct TaskTable {
    std::span<TaskLane> lanes;  // the host's, then those of the workers
    std::span<TaskLine> lines;  // by worker number
    std::span<const shm::Party> workers;
    shm::Doorbell* work = nullptr;  // something may be taken
    shm::Heap* heap = nullptr;      // each process has its own object at this address
    CrewOfWorkers* crew = nullptr;  // where workers are threads: how to call one
    bool workers_may_die = false;

    /// Of the workers' lanes, by worker number: a hint which may be open.
    std::span<std::atomic<std::uint64_t>> open_bits;

    /// The shortest deadline that the supervisor knows of, and ticks for; or 0.
    alignas(cache_line) std::atomic<std::int64_t> watched_ns{0};

    [[nodiscard]] TaskLane& lane_of(const TaskSlotId& id) const noexcept { return lanes[id.lane]; }
    [[nodiscard]] TaskSlot& slot_of(const TaskSlotId& id) const noexcept {
        return lanes[id.lane].slots[id.slot];
    }
    [[nodiscard]] TaskFailure& failure_of(const TaskSlotId& id) const noexcept {
        return lanes[id.lane].failures[id.slot];
    }

    /// Calls a worker for a task that was published: at most one that sleeps is woken.
    void call_one() const {
        if (crew != nullptr) {
            crew->call_one();
        } else {
            work->ring_for(1);
        }
    }
};

/// Says that the lane may be open, to whoever looks for one; after what was put in.
void note_open(TaskTable& table, std::uint32_t lane) noexcept;

/// Has the takers look at all slots of the lane, for one that is ready and has no entry.
void raise_rescan(TaskTable& table, std::uint32_t lane) noexcept;

/// Whether there may be something to take in any lane.
[[nodiscard]] bool is_any_open(const TaskTable& table) noexcept;

}  // namespace pinfold::detail

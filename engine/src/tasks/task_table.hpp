#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

#include "tasks/task_line.hpp"
#include "tasks/task_slot.hpp"

namespace pinfold::detail {

class CrewOfWorkers;

inline constexpr std::uint32_t slots_a_worker = 64;
inline constexpr std::size_t bells_a_lane = cache_line / sizeof(shm::Doorbell);

/// Of the queue: a slot that was ready in that lap when it was put in.
constexpr std::uint64_t pack_entry(std::uint32_t lap, std::uint32_t slot) noexcept {
    return std::uint64_t{lap} << 32 | slot;
}
constexpr std::uint32_t lap_of_entry(std::uint64_t entry) noexcept {
    return static_cast<std::uint32_t>(entry >> 32);
}
constexpr std::uint32_t slot_of_entry(std::uint64_t entry) noexcept {
    return static_cast<std::uint32_t>(entry);
}

/// The tasks of one who submits: the host, or a worker. Only its owner puts tasks in; every worker
/// takes them out.
///
/// The queue is a hint: an entry may be stale, and a task that is ready may have none, after a
/// death or when the queue was full of stale ones. Whoever makes such a task ready raises `rescan`
/// afterwards; then takers look at each slot once more.
struct TaskLane {
    // Constant.
    std::span<TaskSlot> slots;
    std::span<TaskFailure> failures;              // by slot
    std::span<std::atomic<std::uint64_t>> queue;  // a power of two, at least twice the slots

    // Written by the owner.
    alignas(cache_line) std::atomic<std::uint64_t> tail{0};  // entries put in, ever
    std::atomic<std::uint64_t> submitted{0};                 // tasks, ever

    // Written by takers.
    alignas(cache_line) std::atomic<std::uint64_t> cursor{0};  // entries taken out, ever

    // Written after deaths.
    alignas(cache_line) std::atomic<std::uint32_t> rescan{0};
    std::atomic<std::uint64_t> scan{0};  // which rescan, and the slot to look at next

    /// Where the owner waits for slot s: bells[s % bells_a_lane].
    alignas(cache_line) std::array<shm::Doorbell, bells_a_lane> bells;

    /// Rung for tasks that are watched.
    alignas(cache_line) shm::Doorbell news;

    /// By slot: which of these have ended since the owner looked. A hint, which spares it a look at
    /// all slots; what it lacks is found after a wait_slice.
    std::span<std::atomic<std::uint64_t>> ended_bits;

    /// Before the news are rung.
    void note_ended(std::uint32_t slot) noexcept {
        // Release: whoever takes the bit sees what the task's word says (LaneHome::harvest_ended).
        ended_bits[slot / 64].fetch_or(std::uint64_t{1} << slot % 64, std::memory_order_release);
    }

    [[nodiscard]] shm::Doorbell& bell_of(std::uint32_t slot) noexcept {
        return bells[slot % bells_a_lane];
    }
    [[nodiscard]] bool is_scanned() const noexcept {
        return scan.load(std::memory_order_seq_cst) ==
               (std::uint64_t{rescan.load(std::memory_order_seq_cst)} << 32 | slots.size());
    }
    /// Whether there may be something to take.
    [[nodiscard]] bool is_open() const noexcept {
        return tail.load(std::memory_order_seq_cst) != cursor.load(std::memory_order_seq_cst) ||
               !is_scanned();
    }
};
static_assert(sizeof(std::array<shm::Doorbell, bells_a_lane>) == cache_line);

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
    shm::Doorbell* work = nullptr;               // something may be taken
    const std::atomic<bool>* closing = nullptr;  // the pool ends
    shm::Heap* heap = nullptr;                   // each process has its own object at this address
    CrewOfWorkers* crew = nullptr;               // where workers are threads: how to call one
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
    void call_one() const;
};

/// Says that the lane may be open, to whoever looks for one; after what was put in.
void note_open(TaskTable& table, std::uint32_t lane) noexcept;

/// Has the takers look at all slots of the lane, for one that is ready and has no entry.
void raise_rescan(TaskTable& table, std::uint32_t lane) noexcept;

/// Whether there may be something to take in any lane.
[[nodiscard]] bool is_any_open(const TaskTable& table) noexcept;

}  // namespace pinfold::detail

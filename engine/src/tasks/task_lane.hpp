#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>
#include <span>

#include "tasks/task_slot.hpp"

namespace pinfold::detail {

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

}  // namespace pinfold::detail

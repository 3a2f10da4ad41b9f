#pragma once

// How a slot becomes free, so that no death on the way loses a block or frees one twice: the line
// names the slot; each block is held, then no longer named by the slot, then given back.

#include "tasks/task_table.hpp"

namespace pinfold::detail {

/// Who frees: a party of the heap, with the line of its worker; the host has none.
struct TaskFreer {
    shm::Heap* heap;
    shm::PartyNumber party;
    TaskLine* line;
};

/// Frees a slot that is done, cancelled or discarded, which nobody else may do.
void free_slot(const TaskFreer& freer, const TaskSlotId& id, TaskSlot& slot) noexcept;

/// For a dead worker: takes what the slot still names into the hands of its party.
void hold_blocks(shm::Heap* heap, shm::PartyNumber party, TaskSlot& slot) noexcept;

/// Without a result, as whoever frees the slot finds it.
inline void forget_result(TaskSlot& slot) noexcept {
    // Release: behind what took the block into a hand.
    std::atomic_ref<std::uint64_t>(slot.result.bytes).store(0, std::memory_order_release);
}

[[nodiscard]] inline bool has_result_block(const TaskSlot& slot) noexcept {
    return slot.outcome.load(std::memory_order_relaxed) == TaskOutcome::value &&
           slot.result.has_block();
}

constexpr std::uint64_t pack_place(const TaskSlotId& id) noexcept {
    return std::uint64_t{id.lane} << 32 | id.slot;
}

}  // namespace pinfold::detail

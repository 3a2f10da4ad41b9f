#include "tasks/task_freeing.hpp"

#include "reached.hpp"

namespace pinfold::detail {

void free_slot(const TaskFreer& freer, const TaskSlotId& id, TaskSlot& slot) noexcept {
    if (freer.line != nullptr) {
        freer.line->freeing.store(pack_place(id) + 1, std::memory_order_release);
    }
    reached(Step::task_freeing);
    if (has_result_block(slot)) {
        std::byte* const block = slot.result.block;
        freer.heap->hold(freer.party, block);
        reached(Step::task_block_held);
        forget_result(slot);
        reached(Step::task_block_forgotten);
        freer.heap->deallocate(freer.party, block);
        reached(Step::task_block_freed);
    }
    if (std::byte* const block = slot.block.load(std::memory_order_relaxed)) {
        freer.heap->hold(freer.party, block);
        reached(Step::task_block_held);
        slot.block.store(nullptr, std::memory_order_release);
        reached(Step::task_block_forgotten);
        freer.heap->deallocate(freer.party, block);
        reached(Step::task_block_freed);
    }
    slot.word.store(pack(TaskState{.lap = id.lap}), std::memory_order_release);
    reached(Step::task_freed);
    if (freer.line != nullptr) {
        freer.line->freeing.store(0, std::memory_order_release);
    }
}

void hold_blocks(shm::Heap* heap, shm::PartyNumber party, TaskSlot& slot) noexcept {
    if (has_result_block(slot)) {
        if (!heap->holds(party, slot.result.block)) {
            heap->hold(party, slot.result.block);
        }
        forget_result(slot);
    }
    if (std::byte* const block = slot.block.load(std::memory_order_relaxed)) {
        if (!heap->holds(party, block)) {
            heap->hold(party, block);
        }
        slot.block.store(nullptr, std::memory_order_release);
    }
}

}  // namespace pinfold::detail

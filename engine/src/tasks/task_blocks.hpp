#pragma once

#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/shm/heap.hpp>

namespace pinfold::detail {

/// Where an attempt at a task takes the block of its result. Tasks may lie in each other, so each
/// knows its own block.
class TaskBlocks final : public ResultBlocks {
  public:
    TaskBlocks(shm::Heap& heap, shm::PartyNumber party) noexcept : heap_(heap), party_(party) {}
    ~TaskBlocks() = default;  // what is left is the burial's

    [[nodiscard]] std::byte* take(std::size_t bytes) override {
        drop();  // one result has one block
        block_ = heap_.allocate(party_, bytes);
        return static_cast<std::byte*>(block_);
    }
    void give_over() noexcept override {
        if (block_ != nullptr) {
            heap_.give_over(party_, block_);
            block_ = nullptr;
        }
    }
    void drop() noexcept override {
        if (block_ != nullptr) {
            heap_.deallocate(party_, block_);
            block_ = nullptr;
        }
    }

  private:
    shm::Heap& heap_;
    const shm::PartyNumber party_;
    void* block_ = nullptr;
};

}  // namespace pinfold::detail

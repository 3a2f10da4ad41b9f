#pragma once

#include <cstddef>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/shm/heap.hpp>
#include <vector>

#include "worker_number.hpp"

namespace pinfold::detail {

/// The host's number among those that take from a pool's heap; a worker's is its number + 1.
inline constexpr shm::PartyNumber host_party = 0;

constexpr shm::PartyNumber party_of(WorkerNumber worker) noexcept {
    return static_cast<shm::PartyNumber>(worker + 1);
}

/// Where one worker takes memory for its results: from its pool's heap, or, where the caller runs
/// the job itself, from its own.
class WorkerBlocks final : public ResultBlocks {
  public:
    WorkerBlocks(shm::Heap* heap, WorkerNumber worker) noexcept
        : heap_(heap), party_(party_of(worker)) {}
    ~WorkerBlocks() { drop(); }

    [[nodiscard]] std::byte* take(std::size_t bytes) override;
    void give_over() noexcept override;
    void drop() noexcept override;

  private:
    shm::Heap* const heap_;
    const shm::PartyNumber party_;
    bool holds_any_ = false;
    std::vector<void*> own_;  // held, without a heap
};

/// Frees a block of a committed result, in the host.
void free_block(shm::Heap* heap, void* block) noexcept;

}  // namespace pinfold::detail

#pragma once

#include <mutex>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/roster.hpp>

#include "parties/membership.hpp"
#include "parties/seat.hpp"

namespace pinfold::shm::detail {

/// The calling thread uses its process's party of the heap.
class HeapTurn {
  public:
    HeapTurn(const Roster& roster, const Seat& seat)
        : heap_(roster.heap()),
          party_(roster.party_of(seat.life.load(std::memory_order_relaxed).process)) {
        if (party_ != 0) {
            lock_ = std::unique_lock(Membership::here()->heap_turn());
        }
    }
    [[nodiscard]] Heap* operator->() const noexcept { return heap_; }
    [[nodiscard]] PartyNumber party() const noexcept { return party_; }

  private:
    Heap* const heap_;
    const PartyNumber party_;
    std::unique_lock<std::mutex> lock_;
};

}  // namespace pinfold::shm::detail

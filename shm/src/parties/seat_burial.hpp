#pragma once

#include <pinfold/shm/heap.hpp>

#include "parties/seat.hpp"

namespace pinfold::shm::detail {

/// A dead party of the heap holds nothing any more that a word names, which the thread was at.
void return_blocks(const Seat& seat, Heap& heap, PartyNumber party) noexcept;

/// Undoes what a thread was in that is gone, and gives up its seat. May be called again after a
/// burial that did not come to its end. Run time: grows with the words that it was at.
///
/// With the heap, where a process died: the party is buried, and used in its place.
void bury_seat(Seat& seat, Heap* heap, PartyNumber party) noexcept;

}  // namespace pinfold::shm::detail

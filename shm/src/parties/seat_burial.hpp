#pragma once

#include "parties/seat.hpp"

namespace pinfold::shm::detail {

/// Undoes what a thread was in that is gone, and gives up its seat. May be called again after a
/// burial that did not come to its end. Run time: grows with the words that it was at.
void bury_seat(Seat& seat) noexcept;

}  // namespace pinfold::shm::detail

#pragma once

// Stands in for the layer's own header, in which reaching a step does nothing: here the step may be
// a process's last. See party_crash_point.hpp.

#include "party_step.hpp"

namespace pinfold::shm::detail {

void reached(PartyStep step) noexcept;

/// Here a sleeper that nobody wakes sleeps for ever, so that a lost ring is seen; see
/// let_sleepers_look_again().
bool sleeps_in_slices() noexcept;

}  // namespace pinfold::shm::detail

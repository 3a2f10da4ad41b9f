#pragma once

// Stands in for the layer's own header, in which reaching a step does nothing: here the step may be
// a process's last. See party_crash_point.hpp.

#include "party_step.hpp"

namespace pinfold::shm::detail {

void reached(PartyStep step) noexcept;

}  // namespace pinfold::shm::detail

#pragma once

// The layer's own version, in which reaching a step does nothing. tests/shm/crash_points holds one
// that can end the process; CMake picks by include path, for the same sources.

#include "party_step.hpp"

namespace pinfold::shm::detail {

constexpr void reached(PartyStep) noexcept {}

/// Whether sleepers look again after a slice; see NamedSleep.
constexpr bool sleeps_in_slices() noexcept {
    return true;
}

}  // namespace pinfold::shm::detail

#pragma once

// The engine's own version, in which reaching a step does nothing. tests/engine/crash_points holds
// one that can end the process; CMake picks by include path, for the same sources.

#include "step.hpp"

namespace pinfold::detail {

constexpr void reached(Step) noexcept {}

}  // namespace pinfold::detail

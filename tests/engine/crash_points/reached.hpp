#pragma once

// Stands in for the engine's own header, in which reaching a step does nothing: here the step may
// be a worker's last. See crash_point.hpp.

#include "step.hpp"

namespace pinfold::detail {

void reached(Step step) noexcept;

}  // namespace pinfold::detail

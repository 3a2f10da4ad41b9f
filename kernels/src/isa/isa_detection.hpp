#pragma once

#include <pinfold/kernels/isa.hpp>

namespace pinfold::kernels {

/// The highest level that the processor has and the operating system saves registers for.
Isa detect_isa() noexcept;

}  // namespace pinfold::kernels

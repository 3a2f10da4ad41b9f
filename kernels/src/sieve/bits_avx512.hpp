#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "isa/isa_functions.hpp"

namespace pinfold::kernels {

/// and_patterns by AVX-512 F, which both AVX-512 levels use.
void and_patterns_avx512(const std::array<const std::uint8_t*, patterns_at_once>& patterns,
                         std::uint8_t* out, std::size_t size) noexcept;

}  // namespace pinfold::kernels

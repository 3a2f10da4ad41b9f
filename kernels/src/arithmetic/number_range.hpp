#pragma once

#include <cstdint>
#include <pinfold/kernels/uint128.hpp>
#include <string>

namespace pinfold::kernels {

// Kernels include no other layer, so what they need of 128 bits is their own.

inline constexpr uint128 two_to_the_64 = uint128{1} << 64;

/// `n` in decimal, for messages.
std::string decimal(uint128 n);

/// Throws std::invalid_argument, naming the borders, unless begin <= end <= 2^64.
void require_range(std::uint64_t begin, uint128 end);

}  // namespace pinfold::kernels

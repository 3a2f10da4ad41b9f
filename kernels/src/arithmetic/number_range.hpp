#pragma once

#include <cstdint>
#include <pinfold/kernels/uint128.hpp>
#include <string>

namespace pinfold::kernels {

/// `n` in decimal, for messages. Kernels include no other layer, so this is their own.
std::string decimal(uint128 n);

/// Throws std::invalid_argument, naming the borders, unless begin <= end <= 2^64.
void require_range(std::uint64_t begin, uint128 end);

}  // namespace pinfold::kernels

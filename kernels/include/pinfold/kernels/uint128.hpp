#pragma once

#include <pinfold/api.hpp>

namespace pinfold::kernels {

/// An unsigned integer of 128 bits: holds 2^64 as a half-open end, and every sum of primes below
/// it.
__extension__ typedef unsigned __int128 uint128;

/// The end of a range that holds every 64-bit integer.
inline constexpr uint128 two_to_64 = uint128{1} << 64;

}  // namespace pinfold::kernels

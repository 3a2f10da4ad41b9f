#pragma once

namespace pinfold::kernels {

/// An unsigned integer of 128 bits: holds 2^64 as a half-open end, and every sum of primes below
/// it.
__extension__ typedef unsigned __int128 uint128;

}  // namespace pinfold::kernels

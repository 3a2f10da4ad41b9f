#pragma once

#include <pinfold/api.hpp>
#include <string>

namespace pinfold {

/// An unsigned integer of 128 bits: wide enough for 2^64 as a half-open end and for sums over it.
/// kernels::uint128 is the same type under a name of its own, since kernels include no other layer.
__extension__ typedef unsigned __int128 uint128;

/// The end of a range that holds every 64-bit integer.
inline constexpr uint128 two_to_64 = uint128{1} << 64;

/// The decimal digits of `value`, for which the standard library has no function.
[[nodiscard]] PINFOLD_API std::string to_decimal(uint128 value);

}  // namespace pinfold

#pragma once

#include <cstdint>
#include <optional>
#include <pinfold/engine/range.hpp>

namespace pinfold::apps {

/// The largest prime below 2^64: 2^64 - 59.
inline constexpr std::uint64_t largest_prime = 0 - std::uint64_t{59};

/// The smallest prime above n; none from largest_prime on.
///
/// Run time: below 0.2 ms, for gaps between primes below 2^64 are at most 1550. Pure.
[[nodiscard]] std::optional<std::uint64_t> prime_above(std::uint64_t n) noexcept;

/// The largest prime below n, which is at most 2^64; none up to 2. Run time: as prime_above. Pure.
[[nodiscard]] std::optional<std::uint64_t> prime_below(uint128 n) noexcept;

}  // namespace pinfold::apps

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "combinatorial/tables/tables.hpp"

namespace pinfold::kernels {

/// The numbers that none of the first seven primes, 2 to 17, divides: they repeat every 510510.
class SmallPhi {
  public:
    /// Made by the first call (0.1 ms). Thread-safe.
    static const SmallPhi& instance();

    /// The sum of f over these numbers up to u, modulo 2^128.
    template <PrimeTerm T>
    [[nodiscard]] uint128 sum(std::uint64_t u) const noexcept;

    /// Writes their wheel-30 bitmap for the numbers from 30 * first_byte on.
    void fill(std::uint64_t first_byte, std::span<std::uint8_t> bytes) const noexcept;

  private:
    SmallPhi();

    static constexpr std::uint64_t period = 510510;
    static constexpr std::uint64_t in_period = 92160;  ///< Euler's phi of the period
    static constexpr std::size_t period_bytes = period / 30;

    struct Before {
        std::uint64_t count = 0;
        std::uint64_t sum = 0;
    };
    std::vector<std::uint8_t> bits_;  ///< one period, and a word of the next
    std::vector<Before> before_;      ///< each word
};

}  // namespace pinfold::kernels

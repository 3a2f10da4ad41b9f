#pragma once

#include <cstdint>
#include <stdexcept>

#include "arithmetic/montgomery.hpp"

// What the ways to F(n) mod m share. An even m is 2^twos times an odd one; a result is found modulo
// both and joined by the Chinese remainder theorem.
namespace pinfold::kernels {

/// Throws std::invalid_argument when m is 0.
inline void require_modulus(std::uint64_t m) {
    if (m == 0) {
        throw std::invalid_argument("the modulus is 0; it must be at least 1");
    }
}

/// Arithmetic modulo 2^64, in the shape of Montgomery.
struct Wrapping {
    static constexpr std::uint64_t one() noexcept { return 1; }
    static constexpr std::uint64_t add(std::uint64_t a, std::uint64_t b) noexcept { return a + b; }
    static constexpr std::uint64_t subtract(std::uint64_t a, std::uint64_t b) noexcept {
        return a - b;
    }
    static constexpr std::uint64_t multiply(std::uint64_t a, std::uint64_t b) noexcept {
        return a * b;
    }
    static constexpr std::uint64_t value(std::uint64_t x) noexcept { return x; }
};

/// The x below odd 2^twos with x = a mod odd and x = b mod 2^twos, for twos < 64.
constexpr std::uint64_t join(std::uint64_t a, std::uint64_t b, std::uint64_t odd,
                             int twos) noexcept {
    const std::uint64_t mask = (std::uint64_t{1} << twos) - 1;
    return a + odd * (((b - a) * Montgomery::inverse(odd)) & mask);
}

}  // namespace pinfold::kernels

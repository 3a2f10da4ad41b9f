#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>

// The wheel of 2, 3, 5 and 7, for the cofactors of large primes.
namespace pinfold::kernels {

/// The residues coprime to 210, upwards.
inline constexpr std::array<std::uint32_t, 48> coprime_to_210 = [] {
    std::array<std::uint32_t, 48> found{};
    std::size_t size = 0;
    for (std::uint32_t n = 1; n < 210; ++n) {
        if (std::gcd(n, 210U) == 1) {
            found[size++] = n;
        }
    }
    return found;
}();

/// The way from a number to the next one that is coprime to 210.
struct NextCofactor {
    std::uint16_t step;    ///< how far it is
    std::uint16_t number;  ///< its residue's place in coprime_to_210
};

/// By the residue mod 210. There is one entry more, for 210 itself, so that a rounded quotient may
/// be one too small.
inline constexpr std::array<NextCofactor, 211> next_cofactor = [] {
    std::array<NextCofactor, 211> table{};
    for (std::uint32_t residue = 0; residue <= 210; ++residue) {
        std::uint32_t then = residue;
        while (std::gcd(then, 210U) != 1) {
            ++then;
        }
        std::uint16_t number = 0;
        while (coprime_to_210[number] != then % 210) {
            ++number;
        }
        table[residue] = {static_cast<std::uint16_t>(then - residue), number};
    }
    return table;
}();

}  // namespace pinfold::kernels

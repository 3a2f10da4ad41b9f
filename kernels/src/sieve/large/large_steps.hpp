#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wheel/wheel210.hpp"
#include "wheel/wheel30.hpp"

// The walk of a large prime from one multiple to the next by cofactors coprime to 210. A state is
// the residue of the prime mod 30 and that of the cofactor mod 210, 8 * 48 in all: it knows the bit
// of the multiple, and how many bytes it is to the next one: prime / 30 times a gap, plus a carry.
namespace pinfold::kernels {

inline constexpr std::uint32_t large_step_cofactors = 48;
inline constexpr std::size_t large_step_states = std::size_t{8} * large_step_cofactors;

struct LargeStep {
    std::uint8_t bit;    ///< of the multiple in its byte
    std::uint8_t keep;   ///< all bits but that one
    std::uint8_t gap;    ///< from this cofactor to the next
    std::uint8_t carry;  ///< bytes beside prime / 30 times the gap
    std::uint32_t next_state;
};

/// The state of a prime, by its bit in a bitmap, at a cofactor, by its number in coprime_to_210.
constexpr std::uint32_t large_step_state(std::uint32_t prime_bit, std::uint32_t cofactor) noexcept {
    return prime_bit % 8 * large_step_cofactors + cofactor;
}

/// The bytes from a multiple of a prime up to this one to the next multiple, at the most.
constexpr std::uint64_t longest_large_step(std::uint64_t prime) noexcept {
    constexpr std::uint64_t longest_gap = 10;
    return longest_gap * (prime / 30 + 1);
}

/// By the state.
inline constexpr std::array<LargeStep, large_step_states> large_steps = [] {
    std::array<LargeStep, large_step_states> table{};
    for (std::size_t prime = 0; prime < 8; ++prime) {
        for (std::size_t i = 0; i < large_step_cofactors; ++i) {
            const std::uint32_t now = coprime_to_210[i];
            const std::uint32_t then = i + 1 < large_step_cofactors ? coprime_to_210[i + 1] : 211;
            const std::uint32_t product = residues[prime] * now;
            const std::uint8_t bit = residue_bit[product % 30];
            table[prime * large_step_cofactors + i] = {
                bit, static_cast<std::uint8_t>(~(1U << bit)), static_cast<std::uint8_t>(then - now),
                static_cast<std::uint8_t>(residues[prime] * then / 30 - product / 30),
                static_cast<std::uint32_t>(prime * large_step_cofactors +
                                           (i + 1) % large_step_cofactors)};
        }
    }
    return table;
}();

}  // namespace pinfold::kernels

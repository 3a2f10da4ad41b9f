#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "wheel/wheel30.hpp"

// Tables for PSHUFB and its kin, which look sixteen half-bytes up at once.
namespace pinfold::kernels {

struct HalfByteTable {
    alignas(16) std::array<std::uint8_t, 16> counts{};        ///< how many bits are set
    alignas(16) std::array<std::uint8_t, 16> residue_sums{};  ///< the sum of their residues
};

/// What half a byte holds whose lowest bit is bit `first_bit` of the byte.
constexpr HalfByteTable half_byte_table(std::size_t first_bit) {
    HalfByteTable table;
    for (std::size_t half = 0; half < 16; ++half) {
        for (std::size_t bit = 0; bit < 4; ++bit) {
            if (((half >> bit) & 1U) != 0) {
                ++table.counts[half];
                table.residue_sums[half] =
                    static_cast<std::uint8_t>(table.residue_sums[half] + residues[first_bit + bit]);
            }
        }
    }
    return table;
}

inline constexpr HalfByteTable low_halves = half_byte_table(0);
inline constexpr HalfByteTable high_halves = half_byte_table(4);

/// 0, 1, ..., 63: the place of each byte in a vector.
alignas(64) inline constexpr std::array<std::uint8_t, 64> places_in_64 = [] {
    std::array<std::uint8_t, 64> places{};
    for (std::size_t i = 0; i < places.size(); ++i) {
        places[i] = static_cast<std::uint8_t>(i);
    }
    return places;
}();

}  // namespace pinfold::kernels

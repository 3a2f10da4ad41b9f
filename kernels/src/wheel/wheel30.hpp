#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <numeric>
#include <span>

// The wheel of 2, 3 and 5: of 30 numbers in a row only 8 can be prime, so a byte holds 30 numbers.
// Bit i of byte k stands for 30 k + residues[i].
namespace pinfold::kernels {

inline constexpr std::array<std::uint32_t, 8> residues = {1, 7, 11, 13, 17, 19, 23, 29};

/// The bit of each residue mod 30; 8 where there is none.
inline constexpr std::array<std::uint8_t, 30> residue_bit = [] {
    std::array<std::uint8_t, 30> bits{};
    bits.fill(8);
    for (std::uint8_t i = 0; i < 8; ++i) {
        bits[residues[i]] = i;
    }
    return bits;
}();

/// How far it is from each residue mod 30 up to the next number that is coprime to 30.
inline constexpr std::array<std::uint8_t, 30> to_next_coprime_to_30 = [] {
    std::array<std::uint8_t, 30> steps{};
    for (std::uint32_t r = 0; r < 30; ++r) {
        std::uint8_t step = 0;
        while (std::gcd(r + step, 30U) != 1) {
            ++step;
        }
        steps[r] = step;
    }
    return steps;
}();

/// The number above 30 * 8 * word that each bit of a 64-bit word of a bitmap stands for.
inline constexpr std::array<std::uint8_t, 64> number_of_bit = [] {
    std::array<std::uint8_t, 64> numbers{};
    for (std::size_t bit = 0; bit < 64; ++bit) {
        numbers[bit] = static_cast<std::uint8_t>(30 * (bit / 8) + residues[bit % 8]);
    }
    return numbers;
}();

/// The first bit of the byte that stands for `offset` or more, for an offset of 0 to 30; 8 if none.
constexpr unsigned first_bit_from(unsigned offset) noexcept {
    unsigned bit = 0;
    while (bit < 8 && residues[bit] < offset) {
        ++bit;
    }
    return bit;
}

/// Calls visit(prime) for each number of `bitmap` in [from, to], upwards.
template <typename Visit>
void for_each_prime(std::span<const std::byte> bitmap, std::uint64_t from, std::uint64_t to,
                    Visit&& visit) {
    for (std::size_t byte = from / 240 * 8; byte < bitmap.size() && 30 * byte <= to; byte += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, &bitmap[byte], std::min<std::size_t>(8, bitmap.size() - byte));
        for (; word != 0; word &= word - 1) {
            const auto bit = static_cast<std::size_t>(std::countr_zero(word));
            const std::uint64_t prime = 30 * byte + number_of_bit[bit];
            if (prime >= from && prime <= to) {
                visit(prime);
            }
        }
    }
}

}  // namespace pinfold::kernels

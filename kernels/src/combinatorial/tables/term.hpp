#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <pinfold/kernels/combinatorial.hpp>
#include <pinfold/kernels/uint128.hpp>

#include "wheel/wheel30.hpp"

// The summed function is f(n) = 1 or f(n) = n, chosen at compile time: all that the method needs of
// f is that f(m n) = f(m) f(n), and sums of f over the bits of a wheel-30 bitmap. A word of such a
// bitmap stands for 240 numbers.
namespace pinfold::kernels {

__extension__ typedef __int128 int128;

inline constexpr std::uint64_t numbers_per_word = 240;

/// f(n).
template <PrimeTerm T>
constexpr std::uint64_t term_of(std::uint64_t n) noexcept {
    return T == PrimeTerm::one ? 1 : n;
}

/// The bits of a word that stand for the numbers 0 to `offset`, for an offset of 0 to 239.
inline constexpr std::array<std::uint64_t, numbers_per_word> bits_up_to = [] {
    std::array<std::uint64_t, numbers_per_word> masks{};
    for (std::size_t offset = 0; offset < masks.size(); ++offset) {
        for (std::size_t bit = 0; bit < 64; ++bit) {
            masks[offset] |= std::uint64_t{number_of_bit[bit] <= offset} << bit;
        }
    }
    return masks;
}();

/// The bits whose number of 0 to 239 has the binary digit `power`.
inline constexpr std::array<std::uint64_t, 8> bits_with_digit = [] {
    std::array<std::uint64_t, 8> masks{};
    for (std::size_t power = 0; power < 8; ++power) {
        for (std::size_t bit = 0; bit < 64; ++bit) {
            masks[power] |= std::uint64_t{(number_of_bit[bit] >> power) & 1U} << bit;
        }
    }
    return masks;
}();

[[gnu::always_inline]] inline std::uint64_t bits_of(std::uint64_t word) noexcept {
    return static_cast<std::uint64_t>(__builtin_popcountll(word));
}

/// The sum of f over the set bits of a word that stands for the numbers from `first` on, which is
/// even. The numbers of all bits are odd, so their digit 0 is the count itself.
template <PrimeTerm T>
[[gnu::always_inline]] inline std::uint64_t sum_of_word(std::uint64_t word,
                                                        std::uint64_t first) noexcept {
    const std::uint64_t count = bits_of(word);
    if constexpr (T == PrimeTerm::one) {
        return count;
    } else {
        return (first + 1) * count + 2 * bits_of(word & bits_with_digit[1]) +
               4 * bits_of(word & bits_with_digit[2]) + 8 * bits_of(word & bits_with_digit[3]) +
               16 * bits_of(word & bits_with_digit[4]) + 32 * bits_of(word & bits_with_digit[5]) +
               64 * bits_of(word & bits_with_digit[6]) + 128 * bits_of(word & bits_with_digit[7]);
    }
}

/// 240 numbers of the table of sums over primes.
struct SumWord {
    std::uint64_t before = 0;  ///< the sum of f over the primes below the word's first number
    std::uint64_t primes = 0;  ///< which of the word's numbers are primes
};

/// The sum of f over the primes up to u, for u >= 5. It stays below 2^60, for u below 2^32.
template <PrimeTerm T>
[[gnu::always_inline]] inline std::uint64_t sum_up_to(const SumWord* table,
                                                      std::uint64_t u) noexcept {
    const std::uint64_t word = u / numbers_per_word;
    const std::uint64_t first = word * numbers_per_word;
    return table[word].before + sum_of_word<T>(table[word].primes & bits_up_to[u - first], first);
}

}  // namespace pinfold::kernels

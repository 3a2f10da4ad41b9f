#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "wheel/wheel30.hpp"

// A table of the cofactors: for each number m coprime to 30, in order, its smallest prime factor
// and the sign of mu(m). An entry is
//     2 * (smallest prime factor, at most 2^15 - 1) + (1 if mu(m) = +1),
// or 0 if m is 1, has a square factor or has a prime factor above y.
namespace pinfold::kernels {

/// The largest number that a table is for: in its last row, composites have a prime factor below
/// 2^15.
inline constexpr std::uint64_t largest_cofactor = (std::uint64_t{1} << 30) - 60;

/// The first entry that stands for `number` or more.
inline std::size_t factor_entry_from(std::uint64_t number) noexcept {
    const std::size_t entry = number / 30 * 8;
    return entry + first_bit_from(static_cast<unsigned>(number % 30));
}

/// The largest entry of a number that has a prime factor of at most `prime`, below 2^15.
inline std::uint16_t largest_entry_of(std::uint64_t prime) noexcept {
    return static_cast<std::uint16_t>(2 * prime + 1);
}

/// -mu(m) m for the number m of an entry that is not 0.
inline std::int32_t cofactor_of(std::size_t index, std::uint16_t entry) noexcept {
    const auto number = static_cast<std::int32_t>(30 * (index / 8) + residues[index % 8]);
    return (entry & 1U) != 0 ? -number : number;
}

/// Fills the entries of the numbers [30 first_row, 30 last_row), eight a row, at rows[0] and on.
/// `primes` is a bitmap as find_sieving_primes makes it, of all primes up to sqrt(30 last_row).
/// Run time: O(n log log n). Memory: 32 bytes a row. Throws: std::bad_alloc.
void fill_factor_table(std::uint64_t first_row, std::uint64_t last_row, std::uint64_t y,
                       std::span<const std::byte> primes, std::uint16_t* rows);

}  // namespace pinfold::kernels

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>

#include "arithmetic/montgomery.hpp"
#include "primality/probable_primes_batch.hpp"

// Trial division of numbers of which nothing is known: most have a small factor, and most of the
// time of a primality test would go into finding that out one by one.
namespace pinfold::kernels {

/// An odd p divides n when n times p's inverse mod 2^64 is at most (2^64 - 1) / p.
struct Divisor {
    std::uint64_t prime;
    std::uint64_t inverse;
    std::uint64_t largest_quotient;
};

/// The odd primes up to 211, the first ones first. One number at a time is divided by those up to
/// 53; in vectors a division is cheaper beside the test that it may save.
inline constexpr auto small_divisors = [] {
    constexpr std::size_t odd_primes = 46;
    std::array<Divisor, odd_primes> table{};
    std::size_t size = 0;
    for (std::uint64_t n = 3; size < odd_primes; n += 2) {
        bool is_prime = true;
        for (std::size_t i = 0; i < size; ++i) {
            is_prime = is_prime && n % table[i].prime != 0;
        }
        if (is_prime) {
            table[size++] = {n, Montgomery::inverse(n),
                             std::numeric_limits<std::uint64_t>::max() / n};
        }
    }
    return table;
}();

/// How many of them a number alone is divided by: the primes up to 53.
inline constexpr std::size_t divisors_of_one = 15;

/// Numbers up to here are never listed: the tests in batches are made for larger ones.
inline constexpr std::uint64_t largest_unlisted = std::uint64_t{1} << 32;

/// How many numbers list_open takes at once at most.
inline constexpr std::size_t open_block = 256;

/// The numbers that trial division left open, and where they stand in the caller's span.
struct OpenNumbers {
    static constexpr std::size_t spare = 8;  ///< a vector is stored whole

    std::array<std::uint64_t, primality_batch + spare> numbers;
    std::array<std::uint64_t, primality_batch + spare> indexes;
    std::size_t size = 0;
};

/// Lists those numbers that are above largest_unlisted and have no prime factor up to 53, as
/// numbers[0] with the index `first` and so on; it may leave some of them out that have a larger
/// prime factor and are no prime. At most open_block numbers, for which there must be room.
using ListOpen = void(std::span<const std::uint64_t> numbers, std::size_t first,
                      OpenNumbers& open) noexcept;
ListOpen list_open_scalar;
ListOpen list_open_avx2;
ListOpen list_open_avx512;

}  // namespace pinfold::kernels

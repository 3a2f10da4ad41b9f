#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// Setting up many sieving primes at once: near 10^18 there are fifty million of them, and most have
// no multiple in a range at all, so finding that out is what matters.
namespace pinfold::kernels {

/// How many bytes of the bitmap of sieving primes are worked at once.
inline constexpr std::size_t large_batch_bytes = 512;
inline constexpr std::size_t large_batch_primes = 8 * large_batch_bytes;

/// From this byte of the sieving primes on they may be set up in batches: the prime 2^14 and more.
inline constexpr std::size_t first_batch_byte = 547;

/// From this byte of the sieving primes on, about the prime 2^22, they have fewer than two
/// multiples in a segment: it is cheaper to list those than to visit the prime.
inline constexpr std::size_t first_large_byte = 273 * large_batch_bytes;

/// From this byte on, about the prime 2^26, a job lists their multiples once a super-range: each
/// worker's own set-up of them all would take longer, and the smaller ones have most multiples, for
/// which the lists would take memory (docs/kernels.md).
inline constexpr std::size_t first_listed_byte = 4369 * large_batch_bytes;

/// What is to be sieved.
struct LargeRange {
    std::uint64_t first_number = 0;  ///< a multiple of 30
    std::uint64_t bytes = 0;         ///< at most 2^31, of 30 numbers each
};

/// Some large primes, and for each its first multiple in a range by a cofactor coprime to 210.
struct LargeBatch {
    std::size_t size = 0;
    // Room for a vector behind the last, which is written but means nothing.
    std::array<std::uint32_t, large_batch_primes + 16> prime_bits;  ///< places in the bitmap
    std::array<std::uint32_t, large_batch_primes + 16> bytes;   ///< of the multiple in the range
    std::array<std::uint32_t, large_batch_primes + 16> states;  ///< of large_steps
};

/// Fills `batch` with the primes of `bitmap`, at most large_batch_bytes of the sieving primes that
/// begin at byte `first_byte` of them. Primes p with p^2 above the range, or with no multiple in
/// it, are left out. All primes must be above 2^14, so that cofactors are below 2^50.
using SetUpLargePrimes = void(std::span<const std::byte> bitmap, std::size_t first_byte,
                              const LargeRange& range, LargeBatch& batch) noexcept;
SetUpLargePrimes set_up_large_primes_scalar;
SetUpLargePrimes set_up_large_primes_avx2;
SetUpLargePrimes set_up_large_primes_avx512;

/// Writes where the multiples of the batch are, bits from the range's first one on, and moves each
/// prime on to its next multiple; those that have one in the range stay in the batch. `bits` has
/// room for large_batch_primes + 16. The range has at most 2^28 + 1 bytes. Returns how many it
/// wrote.
using TakeLargeMultiples = std::size_t(LargeBatch& batch, std::uint32_t range_bytes,
                                       std::uint32_t* bits) noexcept;
TakeLargeMultiples take_large_multiples_scalar;
TakeLargeMultiples take_large_multiples_avx2;
TakeLargeMultiples take_large_multiples_avx512;

}  // namespace pinfold::kernels

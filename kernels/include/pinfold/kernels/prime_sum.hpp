#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/kernels/uint128.hpp>
#include <span>

namespace pinfold::kernels {

/// How many primes a range holds, and their sum. Below 2^64 the sum is below 2^122, so it is exact.
struct PrimeSum {
    std::uint64_t count = 0;
    uint128 sum = 0;

    constexpr PrimeSum& operator+=(const PrimeSum& other) noexcept {
        count += other.count;
        sum += other.sum;
        return *this;
    }
    friend constexpr PrimeSum operator+(PrimeSum a, const PrimeSum& b) noexcept { return a += b; }
    friend constexpr bool operator==(const PrimeSum&, const PrimeSum&) noexcept = default;
};

/// Counts and sums the primes of [begin, end), end at most 2^64, by a segmented sieve of
/// Eratosthenes.
///
/// `sieving_primes` is a bitmap of at least sieving_bitmap_bytes(end) bytes that
/// find_sieving_primes has filled. It may be longer, so one bitmap serves every chunk of a range.
/// The overload without it finds the sieving primes itself at each call.
///
/// Run time: O(n log log end) for n = end - begin, plus a set-up of O(sqrt(end) / log(end)); see
/// prime_sum_grain. Memory: up to 8 MiB, plus 8 bytes for each sieving prime above 2^22 that has a
/// multiple in the range. Long ranges are sieved in parts, so that this stays below 512 MiB.
/// Thread-safety: pure; the bitmap is only read.
/// Throws: std::invalid_argument when end < begin, end > 2^64 or the bitmap is too short, naming
/// both; std::bad_alloc.
[[nodiscard]] PINFOLD_API PrimeSum prime_sum(std::uint64_t begin, uint128 end,
                                             std::span<const std::byte> sieving_primes);
[[nodiscard]] PINFOLD_API PrimeSum prime_sum(std::uint64_t begin, uint128 end);

/// Counts the primes of [begin, end), as prime_sum does but without their sum.
[[nodiscard]] PINFOLD_API std::uint64_t prime_count(std::uint64_t begin, uint128 end,
                                                    std::span<const std::byte> sieving_primes);
[[nodiscard]] PINFOLD_API std::uint64_t prime_count(std::uint64_t begin, uint128 end);

/// The default chunk of prime_sum for a job over [begin, end), in numbers: a few milliseconds of
/// work, and more where the set-up, which grows with sqrt(end), would outweigh the sieving. A pure
/// function of the range.
[[nodiscard]] PINFOLD_API std::uint64_t prime_sum_grain(std::uint64_t begin, uint128 end) noexcept;

/// The same value as prime_sum, for a narrow range at a large begin: sieves by the primes below
/// 2^16 alone, then tests what is left by are_prime. It needs no bitmap of sieving primes.
///
/// Run time: about 6 ns per number with AVX-512 IFMA, twice that without. No set-up grows with the
/// end, so this is quicker for fewer than about sqrt(end) / 20 numbers. Below 2^32 it is prime_sum.
/// Memory: 1 MiB. Thread-safety: pure. Throws: std::invalid_argument when end < begin or
/// end > 2^64; std::bad_alloc.
[[nodiscard]] PINFOLD_API PrimeSum prime_sum_by_testing(std::uint64_t begin, uint128 end);

/// The same value as prime_sum by dividing each number by every 6 k - 1 and 6 k + 1 up to its
/// square root: the classic baseline, and an oracle that shares no code with the sieve.
///
/// Run time: O(n sqrt(end)) divisions at most; near 2^64 one prime takes about 3 seconds.
/// Thread-safety: pure. Throws: std::invalid_argument when end < begin or end > 2^64.
[[nodiscard]] PINFOLD_API PrimeSum prime_sum_by_trial_division(std::uint64_t begin, uint128 end);

}  // namespace pinfold::kernels

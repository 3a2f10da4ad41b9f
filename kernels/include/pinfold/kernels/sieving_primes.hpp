#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/kernels/uint128.hpp>
#include <span>

namespace pinfold::kernels {

/// The size of a bitmap that holds every prime up to sqrt(end - 1): the primes that sieve any range
/// below `end`.
///
/// Units: bytes, each of which holds 30 numbers. At least 1, and at most 143,165,577, for an end of
/// 2^64. An end above 2^64 counts as 2^64.
[[nodiscard]] PINFOLD_API std::size_t sieving_bitmap_bytes(uint128 end) noexcept;

/// Finds the primes of the bytes [first, last) of a bitmap: bit i of byte k stands for the number
/// 30 k + {1, 7, 11, 13, 17, 19, 23, 29}[i]. The primes 2, 3 and 5 have no bit.
///
/// Any split of [0, bitmap.size()) fills the same bitmap, and a call that runs again writes the
/// same bytes. So this can be a phase of a job, over the range of the bitmap's bytes. Its grain
/// should be sieving_bitmap_grain or more.
///
/// Run time: O(n log log n) for n = 30 (last - first) numbers, plus 60 µs of set-up at most.
/// Thread-safety: calls that write different bytes may run at the same time.
/// Throws: std::invalid_argument when last is below first, above the bitmap's size, or above what
/// an end of 2^64 needs; std::bad_alloc.
PINFOLD_API void find_sieving_primes(std::size_t first, std::size_t last,
                                     std::span<std::byte> bitmap);

/// The smallest chunk of find_sieving_primes that is worth its set-up, in bytes: about 3 ms of
/// work.
inline constexpr std::size_t sieving_bitmap_grain = std::size_t{1} << 20;

}  // namespace pinfold::kernels

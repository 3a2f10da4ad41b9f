#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/kernels/uint128.hpp>
#include <span>

namespace pinfold::kernels {

/// How the chunks of a job at a large begin share the set-up of the large sieving primes, those
/// above 2^26, which otherwise every chunk would do again.
///
/// The range is cut into super-ranges of many chunks. Before the chunks of a super-range are
/// sieved, each slice of the large primes lists where their multiples lie in it
/// (find_large_multiples); then every chunk clears those that are listed for it
/// (PrimeSumCursor::sum). A pure value, which may lie in shared memory.
struct SuperRanges {
    static constexpr std::size_t max_slices = 128;

    std::uint64_t begin = 0;
    uint128 end = 0;
    std::uint64_t length = 0;    ///< of a super-range, in numbers; the last may be shorter
    std::uint32_t count = 0;     ///< of super-ranges; 0 when the chunks are quicker without them
    std::uint32_t segments = 0;  ///< of a super-range; each has one list per slice
    std::size_t bytes = 0;       ///< of memory for the lists of one super-range

    /// The slices of the primes: slice i is the bytes [slice_begin[i], slice_begin[i + 1]) of the
    /// bitmap of sieving primes, and each of its lists has room for capacity[i] multiples. Each
    /// slice takes about the same time.
    std::array<std::uint32_t, max_slices + 1> slice_begin{};
    std::array<std::uint32_t, max_slices> capacity{};
};

/// The most memory that plan_super_ranges() plans with by default: 512 MiB.
inline constexpr std::size_t default_multiples_bytes = std::size_t{512} << 20;

/// The super-ranges of a job over [begin, end) in chunks of `grain` numbers, with at most
/// `most_bytes` of memory for the lists. Borders of super-ranges are borders of chunks.
///
/// `count` is 0 in three cases: below about 4.5·10^15, where chunks set all primes up quickly
/// enough for themselves; where chunks are too long for the memory; and where there would be more
/// than 16384 super-ranges. A pure function. Throws: std::invalid_argument when end < begin, end >
/// 2^64 or the grain is 0.
[[nodiscard]] PINFOLD_API SuperRanges
plan_super_ranges(std::uint64_t begin, uint128 end, std::uint64_t grain,
                  std::size_t most_bytes = default_multiples_bytes);

/// The default chunk of such a job, in numbers: some 25 to 100 ms of work. 0 where
/// plan_super_ranges() gives no super-ranges. A pure function of the range. Throws: as that does.
[[nodiscard]] PINFOLD_API std::uint64_t super_range_grain(std::uint64_t begin, uint128 end);

/// Lists the multiples of the primes of `slice` in super-range number `number`, in `memory`, of at
/// least plan.bytes bytes aligned to 4. `sieving_primes` is as for prime_sum().
///
/// A call that runs again writes the same. A slice whose multiples do not fit its lists is marked,
/// and the chunks then set its primes up for themselves.
/// Run time: 3 ns per prime and 2 ns per multiple with AVX-512. Thread-safety: slices may run at
/// the same time. Throws: std::invalid_argument when the memory or the bitmap is too short, or the
/// number or the slice is out of range.
PINFOLD_API void find_large_multiples(const SuperRanges& plan, std::uint64_t number,
                                      std::size_t slice, std::span<const std::byte> sieving_primes,
                                      std::span<std::byte> memory);

}  // namespace pinfold::kernels

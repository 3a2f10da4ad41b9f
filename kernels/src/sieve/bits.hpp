#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

// What is done to every byte of a segment, which is a wheel-30 bitmap.
namespace pinfold::kernels {

/// What a segment of a wheel-30 bitmap holds: how many bits are set, and the sum of the numbers
/// that they stand for, counted from the segment's first number.
struct BitSum {
    std::uint64_t count = 0;
    std::uint64_t sum = 0;
};

/// The longest segment in bytes: it bounds what the accumulators of sum_bits must hold.
inline constexpr std::size_t max_segment_bytes = std::size_t{1} << 20;

/// Segments are a multiple of this long and aligned to it, so no function below has a tail.
inline constexpr std::size_t vector_bytes = 64;

/// How many patterns and_patterns joins in one pass.
inline constexpr std::size_t patterns_at_once = 8;

/// out[i] &= the patterns' [i], for i below `size` rounded up to vector_bytes: all of them must
/// have room for that.
using AndPatterns = void(const std::array<const std::uint8_t*, patterns_at_once>& patterns,
                         std::uint8_t* out, std::size_t size) noexcept;
AndPatterns and_patterns_scalar;
AndPatterns and_patterns_avx2;
AndPatterns and_patterns_avx512;

/// The BitSum of at most max_segment_bytes.
using SumBits = BitSum(std::span<const std::uint8_t> segment) noexcept;
SumBits sum_bits_scalar;
SumBits sum_bits_avx2;
SumBits sum_bits_avx512;
SumBits sum_bits_avx512ice;

/// BitSum::count alone.
using CountBits = std::uint64_t(std::span<const std::uint8_t> segment) noexcept;
CountBits count_bits_scalar;
CountBits count_bits_avx2;
CountBits count_bits_avx512;
CountBits count_bits_avx512ice;

}  // namespace pinfold::kernels

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

// The recurrence mod m at many places at once. At one place each term waits for the last one.
namespace pinfold::kernels {

inline constexpr std::size_t fibonacci_streams = 32;

/// F(n) and F(n + 1) mod m of each stream.
struct FibonacciStreams {
    alignas(64) std::array<std::uint64_t, fibonacci_streams> now;
    alignas(64) std::array<std::uint64_t, fibonacci_streams> next;
};

/// a + b mod m for a and b below m, whatever m is: the sum itself might not fit.
constexpr std::uint64_t add_mod(std::uint64_t a, std::uint64_t b, std::uint64_t m) noexcept {
    return a >= m - b ? a - (m - b) : a + b;
}

/// Takes each stream `steps` terms on, a multiple of three, and returns the sum mod m of all terms
/// that were passed. Of three in a row only the last is added up, and doubled in the end: it is the
/// sum of the other two.
using SumStreams = std::uint64_t(FibonacciStreams& streams, std::uint64_t steps,
                                 std::uint64_t m) noexcept;
SumStreams sum_streams_scalar;
SumStreams sum_streams_avx2;
SumStreams sum_streams_avx512;

}  // namespace pinfold::kernels

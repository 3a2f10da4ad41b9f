#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <pinfold/kernels/isa.hpp>
#include <span>

#include "fibonacci/fibonacci_streams.hpp"
#include "fibonacci/fibonacci_table.hpp"
#include "primality/probable_primes_batch.hpp"
#include "primality/small_factors.hpp"
#include "sieve/large/large_primes.hpp"

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

/// The functions that have a version for each instruction set.
struct IsaFunctions {
    /// out[i] &= the patterns' [i], for i below `size` rounded up to vector_bytes: all of them must
    /// have room for that.
    void (*and_patterns)(const std::array<const std::uint8_t*, patterns_at_once>& patterns,
                         std::uint8_t* out, std::size_t size) noexcept;

    /// The BitSum of at most max_segment_bytes.
    BitSum (*sum_bits)(std::span<const std::uint8_t> segment) noexcept;

    /// BitSum::count alone.
    std::uint64_t (*count_bits)(std::span<const std::uint8_t> segment) noexcept;

    /// See large_primes.hpp.
    void (*set_up_large_primes)(std::span<const std::byte> bitmap, std::size_t first_byte,
                                const LargeRange& range, LargeBatch& batch) noexcept;

    /// See large_primes.hpp.
    std::size_t (*take_large_multiples)(LargeBatch& batch, std::uint32_t range_bytes,
                                        std::uint32_t* bits) noexcept;

    /// See probable_primes_batch.hpp.
    void (*test_batch)(std::span<const std::uint64_t> numbers,
                       std::span<std::uint8_t> passed) noexcept;

    /// See small_factors.hpp.
    void (*list_open)(std::span<const std::uint64_t> numbers, std::size_t first,
                      OpenNumbers& open) noexcept;

    /// See fibonacci_streams.hpp.
    std::uint64_t (*sum_streams)(FibonacciStreams& streams, std::uint64_t steps,
                                 std::uint64_t m) noexcept;

    /// See fibonacci_table.hpp.
    void (*fill_table)(TableStreams& streams, std::uint64_t* table, std::size_t steps,
                       std::uint64_t m, Stores stores) noexcept;
};

extern const IsaFunctions scalar_functions;
extern const IsaFunctions avx2_functions;
extern const IsaFunctions avx512_functions;
extern const IsaFunctions avx512ice_functions;

/// The functions of `isa`, which must be supported.
const IsaFunctions& isa_functions(Isa isa) noexcept;

/// The functions of active_isa(); throws as that does.
const IsaFunctions& isa_functions();

}  // namespace pinfold::kernels

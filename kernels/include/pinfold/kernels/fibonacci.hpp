#pragma once

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/kernels/uint128.hpp>
#include <span>

namespace pinfold::kernels {

/// F(n) mod m, with F(0) = 0 and F(1) = 1, by fast doubling, for every 64-bit n and every m > 0.
///
/// Run time: O(log n) multiplications mod m, below 1 µs. Thread-safety: pure.
/// Throws: std::invalid_argument when m is 0.
[[nodiscard]] PINFOLD_API std::uint64_t fibonacci_mod(std::uint64_t n, std::uint64_t m);

/// Sets values[i] to F(indexes[i]) mod m. The indexes share tables of powers of the golden ratio,
/// so from a hundred indexes on it is several times as quick as fibonacci_mod in a loop.
///
/// Memory: up to 32 KiB, taken for the call. Thread-safety: pure.
/// Throws: std::invalid_argument when m is 0 or the spans differ in length.
PINFOLD_API void fibonacci_mod(std::span<const std::uint64_t> indexes,
                               std::span<std::uint64_t> values, std::uint64_t m);

/// The sum of F(i) mod m over begin <= i < end, itself mod m: F(end + 1) - F(begin + 1).
///
/// The end is at most 2^64. Run time: O(log end), whatever the length. Thread-safety: pure.
/// Throws: std::invalid_argument when m is 0, end < begin or end > 2^64.
[[nodiscard]] PINFOLD_API std::uint64_t fibonacci_sum_mod(std::uint64_t begin, uint128 end,
                                                          std::uint64_t m);

/// The same sum term by term: fast doubling finds the first terms, and the recurrence the others.
///
/// Run time: O(end - begin) additions. Thread-safety: pure. Throws: as fibonacci_sum_mod.
[[nodiscard]] PINFOLD_API std::uint64_t fibonacci_sum_mod_by_recurrence(std::uint64_t begin,
                                                                        uint128 end,
                                                                        std::uint64_t m);

/// Fills `table` with F(begin), F(begin + 1), ... mod m: fast doubling finds the first terms, and
/// the recurrence the others.
///
/// Thread-safety: pure. Throws: std::invalid_argument when m is 0, or when begin + table.size()
/// exceeds 2^64.
PINFOLD_API void fibonacci_table(std::uint64_t begin, std::span<std::uint64_t> table,
                                 std::uint64_t m);

}  // namespace pinfold::kernels

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "combinatorial/tables/term.hpp"

namespace pinfold::kernels {

/// A sieved segment of the numbers from `first` on, which is even.
struct Sieved {
    const std::uint64_t* words = nullptr;
    std::uint64_t first = 0;
};

/// How far a segment has been added up: `sum` is that of the words before `word`.
struct Cursor {
    std::size_t word = 0;
    std::uint64_t sum = 0;
};

/// What is added up over the leaves, compiled for each instruction set.
///
/// A cofactor m is held as c = -mu(m) m, so a prime is positive. All sums of f over a segment stay
/// below 2^63: y is at least x^(3/8), so its numbers are below x / y = 2^40, and it has 2^21 bits
/// (hard leaves), or 2^23 of which less than a third are primes (pairs).
template <PrimeTerm T>
struct LeafFunctions {
    /// The sum of sign(c) f(|c|) F(dividend / |c|), F being the sum of f over the primes up to it.
    /// The dividend is below 2^53 and the quotients are below 2^32, so a double's quotient is
    /// exact.
    uint128 (*sum_easy)(const SumWord* table, std::uint64_t dividend,
                        std::span<const std::int32_t> cofactors) noexcept;

    /// Lists the cofactors whose smallest prime factor is above `prime`, of the entries [first,
    /// last) of a factor table. Returns how many; `out` has room for last - first, and 16 more.
    std::size_t (*collect)(const std::uint16_t* entries, std::size_t first, std::size_t last,
                           std::uint64_t prime, std::int32_t* out) noexcept;

    /// The leaves' places dividend / |c| - first and their coefficients sign(c) f(|c|), in the
    /// reverse order of the cofactors, so that places ascend. The dividend is below 2^63, and the
    /// quotients are below 2^43. Returns the sum of the coefficients.
    std::int64_t (*place)(std::uint64_t dividend, std::uint64_t first,
                          std::span<const std::int32_t> cofactors, std::uint32_t* places,
                          std::int64_t* coefficients) noexcept;

    /// Writes the sum of f over the words before each of `count` words; returns that over all.
    std::uint64_t (*add_up)(const Sieved& sieved, std::size_t count,
                            std::uint64_t* before) noexcept;

    /// The sum of each coefficient times the sum of f up to its place; `before` is from add_up.
    uint128 (*sum_dense)(const Sieved& sieved, const std::uint64_t* before,
                         std::span<const std::uint32_t> places,
                         const std::int64_t* coefficients) noexcept;

    /// The same without such a table: places ascend, from the cursor on.
    uint128 (*sum_sparse)(const Sieved& sieved, Cursor& cursor,
                          std::span<const std::uint32_t> places,
                          const std::int64_t* coefficients) noexcept;

    /// Moves the cursor on to `word`.
    void (*advance)(const Sieved& sieved, Cursor& cursor, std::size_t word) noexcept;
};

/// The functions of one level.
struct LeafTables {
    LeafFunctions<PrimeTerm::one> counts;
    LeafFunctions<PrimeTerm::prime> sums;
};
extern const LeafTables leaf_tables_scalar;
extern const LeafTables leaf_tables_avx2;
extern const LeafTables leaf_tables_avx512ice;

/// LeafFunctions::collect in portable code, for all levels without a better way.
std::size_t collect_portably(const std::uint16_t* entries, std::size_t first, std::size_t last,
                             std::uint64_t prime, std::int32_t* out) noexcept;

}  // namespace pinfold::kernels

#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/kernels/combinatorial.hpp>
#include <span>

#include "combinatorial/tables/tables.hpp"
#include "combinatorial/tables/term.hpp"

// Phase 2 adds up the leaves. Its chunks are tasks of four kinds, the longest first.
namespace pinfold::kernels {

/// A part of something that runs upwards, added up as if nothing lay before it. With B for what
/// does lie before it, the part is worth sum + weight * B, and total + B lies before the next one.
struct Part {
    uint128 sum = 0;
    uint128 weight = 0;
    uint128 total = 0;
};

/// The tasks of phase 2: the first `hard` chunks, then the next `easy`, and so on.
struct Tasks {
    std::size_t hard = 0;
    std::size_t easy = 0;
    std::size_t pairs = 0;
    std::size_t ordinary = 0;

    [[nodiscard]] std::size_t size() const noexcept { return hard + easy + pairs + ordinary; }
};
[[nodiscard]] Tasks tasks(const CombinatorialPlan& plan) noexcept;

/// What phase 2 leaves.
struct LeafSums {
    std::span<Part> tasks;    ///< for each task; hard ones have a sum alone
    std::span<Part> columns;  ///< weight and total, for each hard task and each of its primes
};
[[nodiscard]] std::size_t leaf_sums_bytes(const CombinatorialPlan& plan) noexcept;
[[nodiscard]] LeafSums leaf_sums(const CombinatorialPlan& plan,
                                 std::span<std::byte> memory) noexcept;
/// How many primes a hard task has room for, from number first_primes on.
[[nodiscard]] std::size_t columns_per_task(const CombinatorialPlan& plan) noexcept;

/// The borders of what a kind of task is cut into; task i has [border(i), border(i + 1)).
[[nodiscard]] std::uint64_t hard_border(const CombinatorialPlan& plan, std::size_t i) noexcept;
[[nodiscard]] std::uint64_t easy_border(const CombinatorialPlan& plan, std::size_t i) noexcept;
[[nodiscard]] std::uint64_t pair_border(const CombinatorialPlan& plan, std::size_t i) noexcept;

/// Hard leaves: -mu(m) f(m p) phi(x / (m p), primes below p) with x / (m p) >= p^2, for primes p up
/// to the fourth root. Adds up those whose quotient lies in the segments [first, last), counting
/// phi from the first segment on. See hard_leaves.cpp.
template <PrimeTerm T>
uint128 sum_hard_leaves(const CombinatorialPlan& plan, const Tables& tables, std::uint64_t first,
                        std::uint64_t last, std::span<Part> columns);

/// Easy leaves: the same with x / (m p) < p^2, where phi is 1 and the primes from p on; also, above
/// the fourth root, the pairs of primes p < q. Adds up those of the primes p in [first, last).
template <PrimeTerm T>
uint128 sum_easy_leaves(const CombinatorialPlan& plan, const Tables& tables, std::uint64_t first,
                        std::uint64_t last);

/// The numbers p q <= x with y < p <= q, those with x / p in [first, last): their f, where the
/// primes below `first` are not counted as q.
template <PrimeTerm T>
Part sum_pairs(const CombinatorialPlan& plan, const RootPrimes& primes, const Tables& tables,
               std::uint64_t first, std::uint64_t last);

/// Ordinary leaves: mu(m) f(m) phi(x / m, the first primes) of the entries [first, last) of the
/// table of factors; also the leaf of m = 1 with the first entry.
template <PrimeTerm T>
uint128 sum_ordinary_leaves(const CombinatorialPlan& plan, const Tables& tables, std::size_t first,
                            std::size_t last);

/// The number of entries of a task of ordinary leaves.
inline constexpr std::size_t ordinary_entries = std::size_t{1} << 17;

}  // namespace pinfold::kernels

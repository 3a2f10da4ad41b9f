#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/kernels/combinatorial.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <span>

#include "combinatorial/tables/factor_table.hpp"
#include "combinatorial/tables/term.hpp"

namespace pinfold::kernels {

/// The largest prime that no number of the sieve of phi(u, first_primes) is divisible by, and how
/// many primes there are up to it: see small_phi.hpp.
inline constexpr std::uint64_t largest_first_prime = 17;
inline constexpr std::size_t first_primes = 7;

/// What phase 0 leaves: the primes up to sqrt(x), and what each block of them adds up to.
struct RootPrimes {
    std::span<std::byte> bitmap;  ///< as find_sieving_primes fills it; zeros behind the last byte
    std::span<PrimeSum> blocks;
};

/// A block of the bitmap is a chunk of phase 0, and of what phase 1 makes of it.
inline constexpr std::size_t root_block_bytes = std::size_t{1} << 17;

[[nodiscard]] std::size_t root_bytes(const CombinatorialPlan& plan) noexcept;
[[nodiscard]] std::size_t root_blocks(const CombinatorialPlan& plan) noexcept;
[[nodiscard]] std::size_t root_primes_bytes(const CombinatorialPlan& plan) noexcept;
[[nodiscard]] RootPrimes root_primes(const CombinatorialPlan& plan,
                                     std::span<std::byte> memory) noexcept;
void fill_root_block(const CombinatorialPlan& plan, std::size_t block, const RootPrimes& primes);

/// What phase 1 leaves: tables that all leaves are looked up in.
struct Tables {
    std::span<SumWord> sums;           ///< for sum_up_to() up to sqrt(x)
    std::span<std::int32_t> primes;    ///< 2, 3, 5, ... up to y and then zeros
    std::span<std::uint32_t> ranks;    ///< the number of primes below each word, up to y
    std::span<std::uint16_t> factors;  ///< up to z; see factor_table.hpp

    /// The number of primes up to n, for 5 <= n <= y.
    [[nodiscard]] std::size_t rank(std::uint64_t n) const noexcept {
        const std::uint64_t word = n / numbers_per_word;
        return ranks[word] + bits_of(sums[word].primes & bits_up_to[n - word * numbers_per_word]);
    }
    /// The primes in (above, up_to], for up_to <= y; empty when there is none.
    [[nodiscard]] std::span<const std::int32_t> primes_in(std::uint64_t above,
                                                          std::uint64_t up_to) const noexcept {
        if (up_to <= above) {
            return {};
        }
        const std::size_t first = rank(above);
        return primes.subspan(first, rank(up_to) - first);
    }
};

[[nodiscard]] std::size_t tables_bytes(const CombinatorialPlan& plan) noexcept;
[[nodiscard]] std::size_t tables_chunks(const CombinatorialPlan& plan) noexcept;
[[nodiscard]] Tables tables(const CombinatorialPlan& plan, std::span<std::byte> memory) noexcept;

/// The first root_blocks() chunks fill the tables of primes, the others that of factors.
void fill_tables_chunk(const CombinatorialPlan& plan, std::size_t chunk, const RootPrimes& primes,
                       const Tables& tables);

}  // namespace pinfold::kernels

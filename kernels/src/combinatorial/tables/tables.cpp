#include "combinatorial/tables/tables.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <pinfold/kernels/sieving_primes.hpp>

#include "arithmetic/round_up.hpp"
#include "combinatorial/tables/parts.hpp"
#include "sieve/sieve_functions.hpp"

namespace pinfold::kernels {
namespace {

/// A chunk of the table of factors, in rows of 30 numbers: at most 2 MB of working memory, and some
/// chunks even of a small table.
std::uint64_t factor_rows_at_once(const CombinatorialPlan& plan) noexcept {
    return std::clamp<std::uint64_t>(plan.z / 30 / 16, 1 << 11, 1 << 15);
}

std::size_t root_words(const CombinatorialPlan& plan) noexcept {
    return plan.root / numbers_per_word + 1;
}

RootPrimes root_parts(const CombinatorialPlan& plan, Parts& parts) noexcept {
    RootPrimes primes;
    primes.bitmap = parts.next<std::byte>(round_up(root_bytes(plan), 64));
    primes.blocks = parts.next<PrimeSum>(root_blocks(plan));
    return primes;
}

Tables table_parts(const CombinatorialPlan& plan, Parts& parts) noexcept {
    Tables tables;
    tables.sums = parts.next<SumWord>(root_words(plan));
    tables.primes = parts.next<std::int32_t>(enough_for_primes(plan.y));
    tables.ranks = parts.next<std::uint32_t>(plan.y / numbers_per_word + 1);
    tables.factors = parts.next<std::uint16_t>(round_up(8 * (plan.z / 30 + 1), 64));
    return tables;
}

/// What is counted and summed before a block: the wheel's own primes come first.
PrimeSum before_block(std::size_t block, const RootPrimes& primes) noexcept {
    PrimeSum before{3, 2 + 3 + 5};
    for (const PrimeSum& earlier : primes.blocks.first(block)) {
        before += earlier;
    }
    return before;
}

void list_primes(std::uint64_t bits, std::uint64_t first, std::size_t rank, std::uint64_t y,
                 std::span<std::int32_t> primes) noexcept {
    for (; bits != 0; bits &= bits - 1) {
        const std::uint64_t prime =
            first + number_of_bit[static_cast<unsigned>(std::countr_zero(bits))];
        if (prime > y) {
            return;
        }
        primes[rank++] = static_cast<std::int32_t>(prime);
    }
}

void fill_prime_tables(const CombinatorialPlan& plan, std::size_t block, const RootPrimes& primes,
                       const Tables& tables) noexcept {
    constexpr std::size_t words_a_block = root_block_bytes / 8;
    PrimeSum before = before_block(block, primes);
    const std::size_t first_word = block * words_a_block;
    const std::size_t last_word = std::min(first_word + words_a_block, tables.sums.size());
    for (std::size_t word = first_word; word < last_word; ++word) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, &primes.bitmap[8 * word], sizeof bits);
        const std::uint64_t first = numbers_per_word * word;
        const auto sum = static_cast<std::uint64_t>(before.sum);
        tables.sums[word] = {plan.term == PrimeTerm::one ? before.count : sum, bits};
        if (word < tables.ranks.size()) {
            tables.ranks[word] = static_cast<std::uint32_t>(before.count);
            list_primes(bits, first, before.count, plan.y, tables.primes);
        }
        const bool is_sum = plan.term == PrimeTerm::prime;
        before += {bits_of(bits), is_sum ? sum_of_word<PrimeTerm::prime>(bits, first) : 0};
    }
    if (block == 0) {
        constexpr std::array<std::int32_t, 3> wheel = {2, 3, 5};
        std::copy(wheel.begin(), wheel.end(), tables.primes.begin());
    }
}

}  // namespace

std::size_t root_bytes(const CombinatorialPlan& plan) noexcept {
    return plan.root / 30 + 1;
}

std::size_t root_blocks(const CombinatorialPlan& plan) noexcept {
    return round_up(root_bytes(plan), root_block_bytes) / root_block_bytes;
}

std::size_t root_primes_bytes(const CombinatorialPlan& plan) noexcept {
    Parts parts;
    root_parts(plan, parts);
    return parts.used();
}

RootPrimes root_primes(const CombinatorialPlan& plan, std::span<std::byte> memory) noexcept {
    Parts parts(memory.data());
    return root_parts(plan, parts);
}

void fill_root_block(const CombinatorialPlan& plan, std::size_t block, const RootPrimes& primes) {
    const std::size_t first = block * root_block_bytes;
    const std::size_t last = std::min(first + root_block_bytes, root_bytes(plan));
    find_sieving_primes(first, last, primes.bitmap);
    const std::span<const std::byte> own =
        primes.bitmap.subspan(first, round_up(last - first, vector_bytes));
    const BitSum bits = sieve_functions.active().sum_bits(
        {reinterpret_cast<const std::uint8_t*>(own.data()), own.size()});
    primes.blocks[block] = {bits.count, uint128{30 * first} * bits.count + bits.sum};
}

std::size_t tables_bytes(const CombinatorialPlan& plan) noexcept {
    Parts parts;
    table_parts(plan, parts);
    return parts.used();
}

std::size_t tables_chunks(const CombinatorialPlan& plan) noexcept {
    return root_blocks(plan) + plan.z / 30 / factor_rows_at_once(plan) + 1;
}

Tables tables(const CombinatorialPlan& plan, std::span<std::byte> memory) noexcept {
    Parts parts(memory.data());
    return table_parts(plan, parts);
}

void fill_tables_chunk(const CombinatorialPlan& plan, std::size_t chunk, const RootPrimes& primes,
                       const Tables& tables) {
    if (chunk < root_blocks(plan)) {
        fill_prime_tables(plan, chunk, primes, tables);
        return;
    }
    const std::uint64_t rows = factor_rows_at_once(plan);
    const std::uint64_t first = (chunk - root_blocks(plan)) * rows;
    const std::uint64_t last = std::min(first + rows, plan.z / 30 + 1);
    fill_factor_table(first, last, plan.y, primes.bitmap, &tables.factors[8 * first]);
}

}  // namespace pinfold::kernels

#pragma once

// The loops over leaves, for leaf_*.cpp alone: each defines PINFOLD_LEAVES, the instruction set,
// and compiles them once more. The compilers vectorise the divisions and the counts of bits.
#include <algorithm>
#include <array>

#include "isa_functions.hpp"
#include "leaf_functions.hpp"

namespace pinfold::kernels {
namespace {

// Each instruction set has its own copies, on purpose: NOLINTBEGIN(misc-definitions-in-headers)
constexpr std::size_t leaves_at_once = 256;

template <PrimeTerm T>
[[gnu::always_inline]] inline std::int64_t coefficient_of(std::int64_t cofactor) noexcept {
    return T == PrimeTerm::prime ? cofactor : cofactor < 0 ? -1 : 1;
}

/// 64 bits hold the total for f = 1: fewer than 2^32 leaves of below 2^32 each.
template <PrimeTerm T>
struct Total {
    std::int64_t value = 0;
    [[gnu::always_inline]] void add(std::int64_t coefficient, std::uint64_t sum) noexcept {
        value += coefficient * static_cast<std::int64_t>(sum);
    }
};
template <>
struct Total<PrimeTerm::prime> {
    int128 value = 0;
    [[gnu::always_inline]] void add(std::int64_t coefficient, std::uint64_t sum) noexcept {
        value += int128{coefficient} * static_cast<std::int64_t>(sum);
    }
};

PINFOLD_LEAVES void divide(double dividend, const std::int32_t* by, std::size_t count,
                           std::uint32_t* quotients) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        quotients[i] = static_cast<std::uint32_t>(dividend / (by[i] < 0 ? -by[i] : by[i]));
    }
}

/// Some leaves between two loops: their sums are looked up one by one and added up side by side.
struct LookedUp {
    std::array<std::uint32_t, leaves_at_once> places;
    std::array<std::uint64_t, leaves_at_once> before;  ///< the sum before each word
    std::array<std::uint64_t, leaves_at_once> bits;    ///< those of the word that are in the sum
};

/// Adds the coefficients times the sums of the first `count` leaves up; words begin at `first`.
template <PrimeTerm T>
PINFOLD_LEAVES void add_leaves(LookedUp& leaves, std::size_t count, std::uint64_t first,
                               const auto* coefficients, Total<T>& total) noexcept {
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint64_t word = leaves.places[i] / std::uint32_t{numbers_per_word};
        leaves.before[i] += sum_of_word<T>(leaves.bits[i], first + numbers_per_word * word);
    }
    for (std::size_t i = 0; i < count; ++i) {
        total.add(coefficient_of<T>(coefficients[i]), leaves.before[i]);
    }
}

template <PrimeTerm T>
PINFOLD_LEAVES uint128 sum_easy(const SumWord* table, std::uint64_t dividend,
                                std::span<const std::int32_t> cofactors) noexcept {
    LookedUp leaves;
    Total<T> total;
    for (std::size_t done = 0; done < cofactors.size(); done += leaves_at_once) {
        const std::size_t count = std::min(leaves_at_once, cofactors.size() - done);
        const std::int32_t* const by = cofactors.data() + done;
        divide(static_cast<double>(dividend), by, count, leaves.places.data());
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t word = leaves.places[i] / std::uint32_t{numbers_per_word};
            const std::uint32_t offset = leaves.places[i] % std::uint32_t{numbers_per_word};
            leaves.before[i] = table[word].before;
            leaves.bits[i] = table[word].primes & bits_up_to[offset];
        }
        add_leaves<T>(leaves, count, 0, by, total);
    }
    return static_cast<uint128>(total.value);
}

template <PrimeTerm T>
PINFOLD_LEAVES void place(std::uint64_t dividend, std::uint64_t first,
                          std::span<const std::int32_t> cofactors, std::uint32_t* places,
                          std::int64_t* coefficients) noexcept {
    const auto real_dividend = static_cast<double>(dividend);
    const auto signed_dividend = static_cast<std::int64_t>(dividend);
    const std::size_t last = cofactors.size() - 1;
    for (std::size_t i = 0; i <= last; ++i) {
        const std::int32_t cofactor = cofactors[last - i];
        const std::int64_t by = cofactor < 0 ? -cofactor : cofactor;
        // The double is off by less than 2^-8, so the quotient by one at most; the remainder tells.
        auto quotient = static_cast<std::int64_t>(real_dividend / static_cast<double>(by));
        const std::int64_t remainder = signed_dividend - quotient * by;
        quotient +=
            static_cast<std::int64_t>(remainder >= by) - static_cast<std::int64_t>(remainder < 0);
        places[i] = static_cast<std::uint32_t>(quotient - static_cast<std::int64_t>(first));
        coefficients[i] = coefficient_of<T>(cofactor);
    }
}

template <PrimeTerm T>
PINFOLD_LEAVES std::uint64_t add_up(const Sieved& sieved, std::size_t count,
                                    std::uint64_t* before) noexcept {
    for (std::size_t word = 0; word < count; ++word) {
        before[word] = sum_of_word<T>(sieved.words[word], sieved.first + numbers_per_word * word);
    }
    std::uint64_t sum = 0;
    for (std::size_t word = 0; word < count; ++word) {
        const std::uint64_t own = before[word];
        before[word] = sum;
        sum += own;
    }
    return sum;
}

/// The sum of f over the numbers of `word` up to `place`.
template <PrimeTerm T>
[[gnu::always_inline]] inline std::uint64_t sum_within(const Sieved& sieved, std::size_t word,
                                                       std::uint32_t place) noexcept {
    const std::uint64_t offset = place - numbers_per_word * word;
    return sum_of_word<T>(sieved.words[word] & bits_up_to[offset],
                          sieved.first + numbers_per_word * word);
}

template <PrimeTerm T>
PINFOLD_LEAVES uint128 sum_dense(const Sieved& sieved, const std::uint64_t* before,
                                 std::span<const std::uint32_t> places,
                                 const std::int64_t* coefficients) noexcept {
    LookedUp leaves;
    Total<T> total;
    for (std::size_t done = 0; done < places.size(); done += leaves_at_once) {
        const std::size_t count = std::min(leaves_at_once, places.size() - done);
        for (std::size_t i = 0; i < count; ++i) {
            leaves.places[i] = places[done + i];
            const std::uint32_t word = leaves.places[i] / std::uint32_t{numbers_per_word};
            const std::uint32_t offset = leaves.places[i] % std::uint32_t{numbers_per_word};
            leaves.before[i] = before[word];
            leaves.bits[i] = sieved.words[word] & bits_up_to[offset];
        }
        add_leaves<T>(leaves, count, sieved.first, coefficients + done, total);
    }
    return static_cast<uint128>(total.value);
}

/// As IsaFunctions::sum_bits, for a span of whole vectors.
template <PrimeTerm T>
[[gnu::always_inline]] inline std::uint64_t sum_of_vectors(const std::uint64_t* words,
                                                           std::size_t count,
                                                           std::uint64_t first) noexcept {
    const std::span<const std::uint8_t> bytes(reinterpret_cast<const std::uint8_t*>(words),
                                              count * sizeof *words);
    if constexpr (T == PrimeTerm::one) {
        return PINFOLD_LEVEL.count_bits(bytes);
    } else {
        const BitSum bits = PINFOLD_LEVEL.sum_bits(bytes);
        return first * bits.count + bits.sum;
    }
}

template <PrimeTerm T>
PINFOLD_LEAVES void advance(const Sieved& sieved, Cursor& cursor, std::size_t to) noexcept {
    constexpr std::size_t words_a_vector = vector_bytes / sizeof(std::uint64_t);
    std::size_t word = cursor.word;
    std::uint64_t sum = cursor.sum;
    if (to - word >= 2 * words_a_vector) {
        const std::size_t count = (to - word) / words_a_vector * words_a_vector;
        sum +=
            sum_of_vectors<T>(sieved.words + word, count, sieved.first + numbers_per_word * word);
        word += count;
    }
    for (; word < to; ++word) {
        sum += sum_of_word<T>(sieved.words[word], sieved.first + numbers_per_word * word);
    }
    cursor = {to, sum};
}

template <PrimeTerm T>
PINFOLD_LEAVES uint128 sum_sparse(const Sieved& sieved, Cursor& cursor,
                                  std::span<const std::uint32_t> places,
                                  const std::int64_t* coefficients) noexcept {
    Total<T> total;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::size_t word = places[i] / numbers_per_word;
        advance<T>(sieved, cursor, word);
        total.add(coefficients[i], cursor.sum + sum_within<T>(sieved, word, places[i]));
    }
    return static_cast<uint128>(total.value);
}

template <PrimeTerm T>
constexpr LeafFunctions<T> all_functions(decltype(LeafFunctions<T>::collect) collect) noexcept {
    return {sum_easy<T>, collect, place<T>, add_up<T>, sum_dense<T>, sum_sparse<T>, advance<T>};
}

// NOLINTEND(misc-definitions-in-headers)
}  // namespace
}  // namespace pinfold::kernels

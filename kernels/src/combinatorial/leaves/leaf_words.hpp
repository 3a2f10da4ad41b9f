#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "combinatorial/leaves/leaf_functions.hpp"
#include "combinatorial/tables/term.hpp"
#include "sieve/sieve_functions.hpp"

// What each level does its own way with the words of many leaves, in portable code. All of it is
// inlined: it is compiled for the instruction set of its caller.
namespace pinfold::kernels {

/// Some bits of some words, and which words they are.
struct LeafWords {
    const std::uint32_t* words = nullptr;
    const std::uint64_t* bits = nullptr;
    std::size_t count = 0;
};

/// Adds to each sum the numbers of the bits; word 0 begins at `first`.
[[gnu::always_inline]] inline void add_numbers_portably(const LeafWords& leaves, std::size_t from,
                                                        std::uint64_t first,
                                                        std::uint64_t* sums) noexcept {
    for (std::size_t i = from; i < leaves.count; ++i) {
        sums[i] += sum_of_word<PrimeTerm::prime>(leaves.bits[i],
                                                 first + numbers_per_word * leaves.words[i]);
    }
}

/// The sum of each coefficient, below 2^31, times its sum, below 2^63.
[[gnu::always_inline]] inline int128 sum_of_products_portably(const auto* coefficients,
                                                              const std::uint64_t* sums,
                                                              std::size_t count) noexcept {
    int128 total = 0;
    for (std::size_t i = 0; i < count; ++i) {
        total += int128{coefficients[i]} * static_cast<std::int64_t>(sums[i]);
    }
    return total;
}

/// The sum of f over the words [from, to), those of whole vectors by the functions of a level where
/// there are enough of them for a call.
template <PrimeTerm T>
[[gnu::always_inline]] inline std::uint64_t sum_of_words_by(const SieveFunctions& functions,
                                                            const Sieved& sieved, std::size_t from,
                                                            std::size_t to) noexcept {
    constexpr std::size_t words_a_vector = vector_bytes / sizeof(std::uint64_t);
    std::uint64_t sum = 0;
    constexpr std::size_t enough = (T == PrimeTerm::one ? 16 : 2) * words_a_vector;
    if (to - from >= enough) {
        const std::size_t count = (to - from) / words_a_vector * words_a_vector;
        const std::span<const std::uint8_t> bytes(
            reinterpret_cast<const std::uint8_t*>(sieved.words + from),
            count * sizeof *sieved.words);
        if constexpr (T == PrimeTerm::one) {
            sum = functions.count_bits(bytes);
        } else {
            const BitSum bits = functions.sum_bits(bytes);
            sum = (sieved.first + numbers_per_word * from) * bits.count + bits.sum;
        }
        from += count;
    }
    for (; from < to; ++from) {
        sum += sum_of_word<T>(sieved.words[from], sieved.first + numbers_per_word * from);
    }
    return sum;
}

/// As LeafFunctions::add_up.
template <PrimeTerm T>
[[gnu::always_inline]] inline std::uint64_t add_up_portably(const Sieved& sieved, std::size_t count,
                                                            std::uint64_t* before) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t word = 0; word < count; ++word) {
        before[word] = sum;
        sum += sum_of_word<T>(sieved.words[word], sieved.first + numbers_per_word * word);
    }
    return sum;
}

}  // namespace pinfold::kernels

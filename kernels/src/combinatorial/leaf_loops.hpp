// The loops over leaves, for leaf_*.cpp alone: each defines PINFOLD_LEAVES, the instruction set,
// and compiles them once more. The compilers vectorise the divisions and the counts of bits.
// NOLINTBEGIN: no include guard, on purpose.
#include <algorithm>
#include <array>

#include "leaf_functions.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::size_t leaves_at_once = 256;

template <PrimeTerm T>
[[gnu::always_inline]] inline std::int64_t coefficient_of(std::int32_t cofactor) noexcept {
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

template <PrimeTerm T>
PINFOLD_LEAVES uint128 sum_easy(const SumWord* table, std::uint64_t dividend,
                                std::span<const std::int32_t> cofactors) noexcept {
    std::array<std::uint32_t, leaves_at_once> quotients;
    Total<T> total;
    for (std::size_t done = 0; done < cofactors.size(); done += leaves_at_once) {
        const std::size_t count = std::min(leaves_at_once, cofactors.size() - done);
        const std::int32_t* const by = cofactors.data() + done;
        divide(static_cast<double>(dividend), by, count, quotients.data());
        for (std::size_t i = 0; i < count; ++i) {
            total.add(coefficient_of<T>(by[i]), sum_up_to<T>(table, quotients[i]));
        }
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
    Total<T> total;
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::size_t word = places[i] / numbers_per_word;
        total.add(coefficients[i], before[word] + sum_within<T>(sieved, word, places[i]));
    }
    return static_cast<uint128>(total.value);
}

template <PrimeTerm T>
PINFOLD_LEAVES void advance(const Sieved& sieved, Cursor& cursor, std::size_t to) noexcept {
    std::uint64_t sum = 0;
    for (std::size_t word = cursor.word; word < to; ++word) {
        sum += sum_of_word<T>(sieved.words[word], sieved.first + numbers_per_word * word);
    }
    cursor = {to, cursor.sum + sum};
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

}  // namespace
}  // namespace pinfold::kernels
// NOLINTEND

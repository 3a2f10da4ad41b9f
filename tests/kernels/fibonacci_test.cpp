#include <gmp.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <limits>
#include <numeric>
#include <pinfold/kernels/fibonacci.hpp>
#include <stdexcept>
#include <vector>

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t last_word = std::numeric_limits<std::uint64_t>::max();

std::uint64_t by_gmp_mod(std::uint64_t n, std::uint64_t m) {
    mpz_t f;
    mpz_init(f);
    mpz_fib_ui(f, n);
    const std::uint64_t rest = mpz_fdiv_ui(f, m);
    mpz_clear(f);
    return rest;
}

/// Moduli of every kind: 1, odd, even, powers of two, and the largest.
rc::Gen<std::uint64_t> moduli() {
    return rc::gen::oneOf(
        rc::gen::element<std::uint64_t>(1, 2, 3, 10, 1'000'000'007, std::uint64_t{1} << 63,
                                        last_word, last_word - 1, last_word - 58),
        rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(0, 64)),
                     [](const auto& pair) {
                         return (pair.first * 0x9E37'79B9'7F4A'7C15) >> pair.second | 1;
                     }),
        rc::gen::map(rc::gen::pair(rc::gen::arbitrary<std::uint64_t>(), rc::gen::inRange(1, 63)),
                     [](const auto& pair) {
                         return (pair.first * 0x9E37'79B9'7F4A'7C15 | 1) << pair.second;
                     }));
}

RC_GTEST_PROP(FibonacciMod, EqualsTheExactNumbersRemainder, ()) {
    const std::uint64_t n = *rc::gen::inRange<std::uint64_t>(0, 100'000);
    const std::uint64_t m = *moduli();
    RC_ASSERT(fibonacci_mod(n, m) == by_gmp_mod(n, m));
}

RC_GTEST_PROP(FibonacciMod, FollowsTheRecurrenceAtEveryMagnitude, ()) {
    const std::uint64_t n =
        (*rc::gen::arbitrary<std::uint64_t>() * 0x9E37'79B9'7F4A'7C15) >> *rc::gen::inRange(1, 63);
    const std::uint64_t m = *moduli();
    const uint128 sum = uint128{fibonacci_mod(n, m)} + fibonacci_mod(n + 1, m);
    RC_ASSERT(fibonacci_mod(n + 2, m) == static_cast<std::uint64_t>(sum % m));
}

TEST(FibonacciMod, RepeatsWithThePisanoPeriod) {
    // OEIS A001175: the periods mod 10^k are 60, 300, 1500, 15000, 150000, ...
    constexpr std::uint64_t far = 1'000'000'000'000;
    for (const auto& [m, period] : std::vector<std::pair<std::uint64_t, std::uint64_t>>{
             {2, 3}, {3, 8}, {7, 16}, {10, 60}, {100, 300}, {1000, 1500}, {10'000, 15'000}}) {
        for (std::uint64_t n = 0; n < 2 * period; n += 7) {
            ASSERT_EQ(fibonacci_mod(n, m), fibonacci_mod(n + far * period, m)) << n << ' ' << m;
        }
    }
}

TEST(FibonacciMod, TakesTheLargestIndexAndModuli) {
    // F(2^64 - 1) mod 10: 2^64 - 1 = 15 mod 60, and F(15) = 610.
    EXPECT_EQ(fibonacci_mod(last_word, 10), 0U);
    EXPECT_EQ(fibonacci_mod(last_word, 1), 0U);
    EXPECT_EQ(fibonacci_mod(1, last_word), 1U);
    EXPECT_EQ(fibonacci_mod(93, last_word), 12200160415121876738U);
    EXPECT_EQ(fibonacci_mod(93, std::uint64_t{1} << 63),
              12200160415121876738U - (std::uint64_t{1} << 63));
    EXPECT_THROW(static_cast<void>(fibonacci_mod(5, 0)), std::invalid_argument);
}

RC_GTEST_PROP(FibonacciSumMod, EqualsTheSumOfTheTerms, ()) {
    const auto begin = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000'000);
    const auto size = *rc::gen::inRange<std::size_t>(0, 5000);
    const std::uint64_t m = *moduli();
    uint128 sum = 0;
    for (std::size_t i = 0; i < size; ++i) {
        sum += fibonacci_mod(begin + i, m);
    }
    const auto expected = static_cast<std::uint64_t>(sum % m);
    RC_ASSERT(fibonacci_sum_mod(begin, uint128{begin} + size, m) == expected);
    RC_ASSERT(fibonacci_sum_mod_by_recurrence(begin, uint128{begin} + size, m) == expected);
}

RC_GTEST_PROP(FibonacciTable, HoldsEachTerm, ()) {
    const auto begin = *rc::gen::inRange<std::uint64_t>(0, last_word - 1'000);
    std::vector<std::uint64_t> table(*rc::gen::inRange<std::size_t>(0, 400));
    const std::uint64_t m = *moduli();
    fibonacci_table(begin, table, m);
    for (std::size_t i = 0; i < table.size(); ++i) {
        RC_ASSERT(table[i] == fibonacci_mod(begin + i, m));
    }
}

TEST(FibonacciSumMod, EndsAtTwoToThe64) {
    const std::uint64_t begin = last_word - 2;
    const std::uint64_t m = 1'000'003;
    const std::uint64_t expected =
        (fibonacci_mod(begin, m) + fibonacci_mod(begin + 1, m) + fibonacci_mod(begin + 2, m)) % m;
    EXPECT_EQ(fibonacci_sum_mod(begin, two_to_64, m), expected);
    EXPECT_EQ(fibonacci_sum_mod_by_recurrence(begin, two_to_64, m), expected);
    std::vector<std::uint64_t> table(3);
    fibonacci_table(begin, table, m);
    EXPECT_EQ(std::accumulate(table.begin(), table.end(), std::uint64_t{0}) % m, expected);
}

TEST(FibonacciSumMod, RefusesBadRangesAndModuli) {
    std::vector<std::uint64_t> table(3);
    EXPECT_THROW(static_cast<void>(fibonacci_sum_mod(0, 5, 0)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(fibonacci_sum_mod(5, 4, 7)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(fibonacci_sum_mod_by_recurrence(5, 4, 7)),
                 std::invalid_argument);
    EXPECT_THROW(fibonacci_table(0, table, 0), std::invalid_argument);
    EXPECT_THROW(fibonacci_table(last_word - 1, table, 7), std::invalid_argument);
}

}  // namespace
}  // namespace pinfold::kernels

#include "jobs/primes/near_prime.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <pinfold/kernels/is_prime.hpp>
#include <pinfold/kernels/prime_sum.hpp>

namespace pinfold::apps {
namespace {

TEST(NearPrime, IsFoundForEverySmallNumber) {
    std::uint64_t last = 0;  // the largest prime below n; 0 for none
    for (std::uint64_t n = 0; n < 20'000; ++n) {
        ASSERT_EQ(prime_below(n).value_or(0), last) << n;
        if (kernels::prime_sum_by_trial_division(n, n + 1).count == 1) {
            for (std::uint64_t below = last; below < n; ++below) {
                ASSERT_EQ(prime_above(below), n) << below;
            }
            last = n;
        }
    }
}

// OEIS A013603 and A013597: the distances from 2^n to the primes below and above it.
TEST(NearPrime, IsAtThePublishedDistanceFromPowersOfTwo) {
    EXPECT_EQ(*prime_below(uint128{1} << 31), (std::uint64_t{1} << 31) - 1);
    EXPECT_EQ(*prime_below(uint128{1} << 32), (std::uint64_t{1} << 32) - 5);
    EXPECT_EQ(*prime_below(uint128{1} << 61), (std::uint64_t{1} << 61) - 1);
    EXPECT_EQ(*prime_below(uint128{1} << 63), (std::uint64_t{1} << 63) - 25);
    EXPECT_EQ(*prime_above(std::uint64_t{1} << 32), (std::uint64_t{1} << 32) + 15);
    EXPECT_EQ(*prime_above(std::uint64_t{1} << 63), (std::uint64_t{1} << 63) + 29);
}

// The largest gap below 2^64: 1550, from 18361375334787046697 on (OEIS A002386).
TEST(NearPrime, CrossesTheLargestGap) {
    constexpr std::uint64_t before = 18'361'375'334'787'046'697U;
    EXPECT_EQ(*prime_above(before), before + 1550);
    EXPECT_EQ(*prime_below(before + 1550), before);
}

TEST(NearPrime, EndsWithTheLargestPrime) {
    EXPECT_EQ(prime_below(two_to_64), largest_prime);
    EXPECT_EQ(prime_above(largest_prime - 1), largest_prime);
    EXPECT_FALSE(prime_above(largest_prime));
    EXPECT_FALSE(prime_above(~std::uint64_t{0}));
    EXPECT_TRUE(kernels::prime_sum_by_testing(largest_prime, two_to_64) ==
                (kernels::PrimeSum{1, largest_prime}));
}

RC_GTEST_PROP(NearPrime, HasNoPrimeInBetween, (std::uint64_t n)) {
    RC_PRE(n >= 3 && n < largest_prime);
    const std::uint64_t above = *prime_above(n);
    const std::uint64_t below = *prime_below(n);
    RC_ASSERT(below < n && n < above);
    RC_ASSERT(kernels::is_prime(below) && kernels::is_prime(above));
    const std::uint64_t itself = kernels::is_prime(n) ? 1 : 0;
    RC_ASSERT(kernels::prime_sum_by_testing(below, uint128{above} + 1).count == 2 + itself);
}

}  // namespace
}  // namespace pinfold::apps

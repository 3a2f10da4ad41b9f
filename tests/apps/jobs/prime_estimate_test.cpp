#include "jobs/primes/prime_estimate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>

namespace pinfold::apps {
namespace {

// OEIS A057793: R(10^n), rounded.
TEST(EstimatedPrimeCount, IsThePublishedValueOfR) {
    constexpr std::array<std::uint64_t, 19> published{5,
                                                      26,
                                                      168,
                                                      1227,
                                                      9587,
                                                      78527,
                                                      664667,
                                                      5761552,
                                                      50847455,
                                                      455050683,
                                                      4118052495,
                                                      37607910542,
                                                      346065531066,
                                                      3204941731602,
                                                      29844570495887,
                                                      279238341360977,
                                                      2623557157055978,
                                                      24739954284239494,
                                                      234057667300228940};
    long double x = 1;
    for (const std::uint64_t value : published) {
        x *= 10;
        EXPECT_EQ(std::llround(estimated_prime_count(x)), static_cast<long long>(value));
    }
}

TEST(EstimatedNthPrime, IsWhereTheCountIsN) {
    for (std::uint64_t n = 1000; n < std::uint64_t{1} << 58; n = n * 3 + 1) {
        const long double back = estimated_prime_count(estimated_nth_prime(n));
        EXPECT_NEAR(static_cast<double>(back / static_cast<long double>(n)), 1, 1e-15) << n;
    }
    EXPECT_EQ(estimated_nth_prime(0), 0);
    EXPECT_GT(estimated_nth_prime(1), 0);
}

// OEIS A006988: the 10^9-th and the 10^18-th prime.
TEST(EstimatedNthPrime, IsNearIt) {
    constexpr long double billionth = 22'801'763'489.0L;
    constexpr long double last = 44'211'790'234'832'169'331.0L;
    EXPECT_LT(std::abs(estimated_nth_prime(1'000'000'000) - billionth), std::sqrt(billionth));
    EXPECT_LT(std::abs(estimated_nth_prime(1'000'000'000'000'000'000) - last), std::sqrt(last));
}

}  // namespace
}  // namespace pinfold::apps

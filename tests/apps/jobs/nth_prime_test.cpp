#include "jobs/primes/nth_prime.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>
#include <primesieve.hpp>
#include <stdexcept>
#include <string>

namespace pinfold::apps {
namespace {

std::uint64_t found(Pool& pool, std::uint64_t n, bool verify = false) {
    JobSeries jobs(pool, {});
    return nth_prime(jobs, n, verify).prime;
}

class NthPrimeOnACrew : public testing::TestWithParam<Crew> {};

// OEIS A006988: the 10^n-th prime.
TEST_P(NthPrimeOnACrew, IsThePublishedOne) {
    constexpr std::array<std::uint64_t, 8> published{2,       29,        541,        7919,
                                                     104'729, 1'299'709, 15'485'863, 179'424'673};
    Pool pool({.crew = GetParam()});
    std::uint64_t n = 1;
    for (const std::uint64_t prime : published) {
        EXPECT_EQ(found(pool, n), prime) << n;
        n *= 10;
    }
}

TEST_P(NthPrimeOnACrew, IsTheSameWhenItsCountsAreVerified) {
    Pool pool({.crew = GetParam()});
    JobSeries jobs(pool, {});
    const NthPrime result = nth_prime(jobs, 100'000, true);
    EXPECT_EQ(result.prime, 1'299'709U);
    ASSERT_FALSE(result.counts.empty());
    for (const CountedRange& counted : result.counts) {
        EXPECT_FALSE(counted.verified.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(, NthPrimeOnACrew,
                         testing::Values(Crew::serial, Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST(NthPrime, IsRightForEverySmallNumber) {
    Pool pool({.crew = Crew::serial});
    primesieve::iterator primes;
    for (std::uint64_t n = 1; n <= 3000; ++n) {
        ASSERT_EQ(found(pool, n), primes.next_prime()) << n;
    }
}

RC_GTEST_PROP(NthPrime, AgreesWithPrimesieve, ()) {
    static Pool pool({.crew = Crew::serial});
    const auto n = *rc::gen::inRange<std::uint64_t>(1, 3'000'000);
    RC_ASSERT(found(pool, n) == primesieve::nth_prime(static_cast<std::int64_t>(n)));
}

TEST(NthPrime, CountsLessAndLess) {
    Pool pool({.crew = Crew::serial});
    JobSeries jobs(pool, {});
    const NthPrime result = nth_prime(jobs, 20'000'000, false);
    EXPECT_EQ(result.prime, primesieve::nth_prime(20'000'000));
    ASSERT_GE(result.counts.size(), 1U);
    EXPECT_LE(result.counts.size(), 4U);
    for (std::size_t i = 1; i < result.counts.size(); ++i) {
        EXPECT_LT(result.counts[i].count, result.counts[i - 1].count / 100);
    }
}

TEST(NthPrime, RefusesWhatIsNoPlace) {
    Pool pool({.crew = Crew::serial});
    JobSeries jobs(pool, {});
    EXPECT_THROW((void)nth_prime(jobs, 0, false), std::invalid_argument);
    EXPECT_THROW((void)nth_prime(jobs, primes_below_two_to_64 + 1, false), std::invalid_argument);
}

}  // namespace
}  // namespace pinfold::apps

// Sums that take seconds: A046731 for 10^8 to 10^10, and the last numbers of 64 bits.

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "jobs/primes/prime_sums.hpp"
#include "jobs/primes/sieve_phases.hpp"

namespace pinfold::apps {
namespace {

class LargePrimeSums : public testing::TestWithParam<Crew> {};

TEST_P(LargePrimeSums, MatchForHighPowersOfTen) {
#ifndef __OPTIMIZE__
    GTEST_SKIP() << "takes minutes without optimisation";
#endif
    Pool pool({.crew = GetParam()});
    const auto expect_sum = [&](std::uint64_t end, std::uint64_t count, std::uint64_t sum) {
        const Range range{0, end};
        const auto result = sum_primes(pool, range, Method::sieve,
                                       {.grain = prime_sum_grain(Method::sieve, range)});
        EXPECT_EQ(result.value.count, count);  // A006880
        EXPECT_TRUE(result.value.sum == sum);
    };
    expect_sum(100'000'000, 5'761'455, 279'209'790'387'276);
    expect_sum(1'000'000'000, 50'847'534, 24'739'512'092'254'535);
    expect_sum(10'000'000'000, 455'052'511, 2'220'822'432'581'729'238);
}

TEST_P(LargePrimeSums, AreTheSameThroughSeveralSuperRanges) {
    const Range range{10'000'000'000'000'007, 10'000'001'600'000'000};
    constexpr std::uint64_t grain = 100'000'000;
    ASSERT_GT(plan_sieve(range, grain).count, 1U);
    Pool pool({.crew = GetParam()});
    const auto result = sum_primes(pool, range, Method::sieve, {.grain = grain});
    static const kernels::PrimeSum expected = kernels::prime_sum(range.begin, range.end);
    EXPECT_EQ(result.value, expected);
    EXPECT_GE(result.report.phase_seconds.size(), 4U);
}

TEST_P(LargePrimeSums, MatchAtTheEndOfTheIntegers) {
    Pool pool({.crew = GetParam()});
    const uint128 end = two_to_64;
    const auto begin = static_cast<std::uint64_t>(end - 100);
    const Range range{begin, end};
    const auto result =
        sum_primes(pool, range, Method::sieve, {.grain = prime_sum_grain(Method::sieve, range)});
    // 2^64 - 59, - 83 and - 95 are the primes there (the list of largest primes below 2^n).
    EXPECT_EQ(result.value.count, 3U);
    EXPECT_TRUE(result.value.sum == 3 * end - 59 - 83 - 95);
}

INSTANTIATE_TEST_SUITE_P(OnACrew, LargePrimeSums,
                         testing::Values(Crew::serial, Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold::apps

// Sums of the primes below powers of ten, OEIS A046731, however they are computed.

#include "jobs/primes/prime_sums.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sched.h>
#include <pinfold/engine/chunk_plan.hpp>
#include <primesieve.hpp>

#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

namespace pinfold::apps {
namespace {

constexpr std::array<std::uint64_t, 8> sum_below_power_of_ten{
    0, 17, 1060, 76127, 5736396, 454396537, 37550402023, 3203324994356};

constexpr std::uint64_t power_of_ten(int exponent) {
    return exponent == 0 ? 1 : 10 * power_of_ten(exponent - 1);
}

std::string lowest_cpu() {
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    if (sched_getaffinity(0, sizeof cpus, &cpus) == 0) {
        for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
            if (CPU_ISSET(static_cast<std::size_t>(cpu), &cpus)) {
                return std::to_string(cpu);
            }
        }
    }
    return "0";
}

void expect_sums(Pool& pool, Method method, int exponents, std::uint64_t grain = 0) {
    for (int n = 1; n <= exponents; ++n) {
        const Range range{0, power_of_ten(n)};
        JobSettings settings;
        settings.grain = grain != 0 ? grain : prime_sum_grain(method, range);
        const auto result = sum_primes(pool, range, method, settings);
        EXPECT_TRUE(result.value.sum == sum_below_power_of_ten[static_cast<std::size_t>(n)])
            << "n = " << n << ", grain " << settings.grain;
    }
}

class PrimeSumsOnACrew : public testing::TestWithParam<Crew> {};

TEST_P(PrimeSumsOnACrew, MatchForEveryNumberOfWorkers) {
    for (const int workers : {1, 2, 3, 7, 64}) {
        Pool pool({.crew = GetParam(), .workers = workers});
        SCOPED_TRACE(std::to_string(workers) + " workers");
        expect_sums(pool, Method::sieve, 7);
    }
}

TEST_P(PrimeSumsOnACrew, MatchForEveryPinPolicy) {
    for (const std::string& pin : {std::string("cores"), std::string("compact"),
                                   std::string("scatter"), std::string("none"), lowest_cpu()}) {
        const int workers = GetParam() == Crew::serial ? 1 : 3;
        Pool pool({.crew = GetParam(), .workers = workers, .pin = pin});
        SCOPED_TRACE(pin);
        expect_sums(pool, Method::sieve, 7);
    }
}

TEST_P(PrimeSumsOnACrew, MatchForEveryGrain) {
    Pool pool({.crew = GetParam()});
    for (const std::uint64_t grain : {1U, 2U, 7U, 30U, 64U}) {
        expect_sums(pool, Method::sieve, 4, grain);
    }
    for (const std::uint64_t grain : {1'000U, 12'345U, 1U << 20, 4'000'000'000U}) {
        expect_sums(pool, Method::sieve, 7, grain);
    }
}

TEST_P(PrimeSumsOnACrew, MatchByTrialDivision) {
    Pool pool({.crew = GetParam()});
    expect_sums(pool, Method::trial, 5);
}

TEST_P(PrimeSumsOnACrew, HaveTheOldDemonstrationsTable) {
    Pool pool({.crew = GetParam()});
    const Ends ends{100'000, 5'000'000, 100'000};
    const EachResult result = sum_primes_below_each(pool, ends, Method::sieve, {.grain = 1});
    ASSERT_EQ(result.rows.size(), 49U);
    EXPECT_TRUE(result.rows[0].sum == 454396537);
    EXPECT_TRUE(result.rows[9].sum == 37550402023);
    std::uint64_t sum = 0;
    primesieve::iterator it;
    std::uint64_t prime = it.next_prime();
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        for (; prime < ends[i]; prime = it.next_prime()) {
            sum += prime;
        }
        EXPECT_TRUE(result.rows[i].sum == sum) << "below " << ends[i];
    }
}

TEST_P(PrimeSumsOnACrew, OfAnEmptyRangeAreZero) {
    Pool pool({.crew = GetParam()});
    const auto result = sum_primes(pool, Range{5, 5}, Method::sieve, {});
    EXPECT_TRUE(result.value == kernels::PrimeSum{});
}

INSTANTIATE_TEST_SUITE_P(, PrimeSumsOnACrew,
                         testing::Values(Crew::serial, Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

RC_GTEST_PROP(PrimeSums, AgreeWithPrimesieveOnAnyRange, ()) {
    static Pool pool({.workers = 2});
    const auto begin = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000'000);
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 100'000);
    const auto grain = *rc::gen::inRange<std::uint64_t>(100, 200'000);
    kernels::PrimeSum expected;
    primesieve::iterator it(begin == 0 ? 0 : begin - 1);
    for (std::uint64_t p = it.next_prime(); p < begin + size; p = it.next_prime()) {
        expected += p >= begin ? kernels::PrimeSum{1, p} : kernels::PrimeSum{};
    }
    const auto result =
        sum_primes(pool, Range{begin, begin + size}, Method::sieve, {.grain = grain});
    RC_ASSERT(result.value == expected);
}

TEST(PrimeSumGrain, FitsThePlanOfEveryRange) {
    for (const Method method : {Method::sieve, Method::hybrid, Method::trial}) {
        for (const uint128 end :
             {uint128{0}, uint128{1}, uint128{10'000}, uint128{1} << 51, (uint128{1} << 51) + 1,
              uint128{10'000'000'000'000'000}, two_to_64 - 1, two_to_64}) {
            const Range range{0, end};
            EXPECT_NO_THROW(ChunkPlan(range, prime_sum_grain(method, range)))
                << to_string(method) << " to 2^" << std::log2(static_cast<double>(end));
        }
    }
}

TEST(Ends, AreHalfOpen) {
    EXPECT_TRUE((Ends{100'000, 5'000'000, 100'000}).size() == 49);
    EXPECT_TRUE((Ends{1, 4, 1}).size() == 3);
    EXPECT_TRUE((Ends{1, 5, 2}).size() == 2);
    EXPECT_TRUE((Ends{1, 6, 2}).size() == 3);
    EXPECT_TRUE((Ends{5, 5, 2}).size() == 0);
    EXPECT_TRUE((Ends{0, two_to_64, 1}).size() == two_to_64);
}

}  // namespace
}  // namespace pinfold::apps

// The same totals by every method, and the second path that checks them.

#include "jobs/primes/prime_totals.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <stdexcept>
#include <string>

#include "jobs/primes/prime_sums.hpp"
#include "jobs/primes/prime_verification.hpp"

namespace pinfold::apps {
namespace {

JobSettings settings_for(Method method, Range range) {
    return {.grain = prime_sum_grain(method, range)};
}

PrimeTotal total(Pool& pool, Quantity quantity, Range range, Method method) {
    return total_primes(pool, quantity, range, method, settings_for(method, range)).value;
}

class PrimeTotalsOnACrew : public testing::TestWithParam<Crew> {};

// OEIS A046731 and A006880 for 10^5.
TEST_P(PrimeTotalsOnACrew, AreThePublishedOnes) {
    Pool pool({.crew = GetParam()});
    const Range range{0, 100'000};
    for (const Method method : all_methods) {
        EXPECT_TRUE(total(pool, Quantity::sum, range, method).value == 454'396'537);
        EXPECT_TRUE(total(pool, Quantity::count, range, method).value == 9592);
        EXPECT_EQ(total(pool, Quantity::count, range, method).count, 9592U);
        const auto counted = total(pool, Quantity::sum, range, method).count;
        EXPECT_EQ(counted.value_or(9592), 9592U);
        EXPECT_EQ(counted.has_value(), method != Method::combinatorial);
    }
}

TEST_P(PrimeTotalsOnACrew, AreVerifiedBySecondPaths) {
    Pool pool({.crew = GetParam()});
    const Range range{1'000'000'000'000, 1'000'000'200'000};
    for (const Method method : {Method::sieve, Method::hybrid, Method::combinatorial}) {
        const PrimeTotal sum = total(pool, Quantity::sum, range, method);
        EXPECT_TRUE(
            verify_total(pool, Quantity::sum, range, method, sum.value, settings_for(method, range))
                .starts_with("by the method "));
    }
}

TEST_P(PrimeTotalsOnACrew, AreVerifiedByADetour) {
    Pool pool({.crew = GetParam()});
    // OEIS A046731 and A006880 for 10^10, and a difference.
    const Range from_zero{0, 10'000'000'000};
    const uint128 sum = uint128{2'220'822'432'581'729'238U};
    EXPECT_TRUE(verify_total(pool, Quantity::sum, from_zero, Method::combinatorial, sum, {})
                    .starts_with("by another tuning"));
    EXPECT_TRUE(
        verify_total(pool, Quantity::count, from_zero, Method::combinatorial, 455'052'511, {})
            .starts_with("by another tuning"));
    const Range between{1'000'000'000, 10'000'000'000};
    EXPECT_TRUE(verify_total(pool, Quantity::count, between, Method::combinatorial,
                             455'052'511 - 50'847'534, {})
                    .starts_with("by another tuning"));
    EXPECT_THROW((void)verify_total(pool, Quantity::count, between, Method::combinatorial, 1, {}),
                 std::runtime_error);
}

INSTANTIATE_TEST_SUITE_P(, PrimeTotalsOnACrew,
                         testing::Values(Crew::serial, Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

RC_GTEST_PROP(PrimeTotals, AddUpAcrossMethods, ()) {
    static Pool pool({.crew = Crew::serial});
    const auto begin = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000);
    const std::uint64_t middle = begin + *rc::gen::inRange<std::uint64_t>(0, 2000);
    const std::uint64_t end = middle + *rc::gen::inRange<std::uint64_t>(0, 2000);
    const auto method = [] {
        return *rc::gen::element(Method::sieve, Method::hybrid, Method::combinatorial,
                                 Method::trial);
    };
    for (const Quantity quantity : {Quantity::sum, Quantity::count}) {
        const uint128 left = total(pool, quantity, {begin, middle}, method()).value;
        const uint128 right = total(pool, quantity, {middle, end}, method()).value;
        RC_ASSERT(left + right == total(pool, quantity, {begin, end}, method()).value);
    }
}

TEST(SecondPath, IsAnotherMethodThatFitsTheTime) {
    const Range narrow{1'000'000'000'000, 1'000'000'200'000};
    EXPECT_EQ(second_path(Quantity::sum, narrow, Method::sieve).method, Method::hybrid);
    EXPECT_EQ(second_path(Quantity::sum, narrow, Method::hybrid).method, Method::sieve);
    EXPECT_EQ(second_path(Quantity::sum, narrow, Method::sieve).way, SecondPath::Way::other_method);
    EXPECT_NE(second_path(Quantity::sum, narrow, Method::trial).method, Method::trial);
}

TEST(SecondPath, IsTheSameMethodOverOtherBordersWhereNoOtherFits) {
    const std::uint64_t quintillion = 1'000'000'000'000'000'000;
    // A sieve of a hundred numbers there takes hundreds of times as long as the hybrid.
    const SecondPath path =
        second_path(Quantity::sum, {quintillion, quintillion + 100}, Method::hybrid);
    EXPECT_EQ(path.method, Method::hybrid);
    EXPECT_EQ(path.way, SecondPath::Way::other_borders);
}

TEST(SecondPath, OfTheCombinatorialMethodIsADetourWhereASieveTakesTooLong) {
    const auto way = [](Range range) {
        return second_path(Quantity::sum, range, Method::combinatorial).way;
    };
    EXPECT_EQ(way({0, 1'000'000'000'000}), SecondPath::Way::detour);
    EXPECT_EQ(way({0, 10'000}), SecondPath::Way::other_method);
}

TEST(SecondPath, DoesNotTakeTheSieveForAHybridThatIsOne) {
    EXPECT_NE(second_path(Quantity::sum, {0, 1000}, Method::hybrid).method, Method::sieve);
    EXPECT_NE(second_path(Quantity::sum, {0, 1000}, Method::sieve).method, Method::hybrid);
}

TEST(Verification, OfAWrongTotalTellsBothValues) {
    Pool pool({.crew = Crew::serial});
    const Range range{1'000'000'000'000, 1'000'000'010'000};
    try {
        (void)verify_total(pool, Quantity::count, range, Method::sieve, 334,
                           settings_for(Method::sieve, range));
        FAIL() << "a wrong count was taken for right";
    } catch (const std::runtime_error& error) {
        EXPECT_STREQ(error.what(),
                     "--verify: the value is 334 in the first run and 335 by the method hybrid; "
                     "one of them is wrong");
    }
}

}  // namespace
}  // namespace pinfold::apps

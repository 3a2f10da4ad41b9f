// The same totals by every method, and the second path that checks them.

#include "prime_totals.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "prime_sums.hpp"
#include "prime_verification.hpp"

namespace pinfold::apps {
namespace {

constexpr std::array all_methods{Method::sieve, Method::hybrid, Method::trial};

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
        EXPECT_EQ(total(pool, Quantity::sum, range, method).count, 9592U);
    }
}

TEST_P(PrimeTotalsOnACrew, AreVerifiedBySecondPaths) {
    Pool pool({.crew = GetParam()});
    const Range range{1'000'000'000'000, 1'000'000'020'000};
    for (const Method method : {Method::sieve, Method::hybrid}) {
        const PrimeTotal sum = total(pool, Quantity::sum, range, method);
        EXPECT_TRUE(
            verify_total(pool, Quantity::sum, range, method, sum.value, settings_for(method, range))
                .starts_with("by the method "));
    }
}

INSTANTIATE_TEST_SUITE_P(, PrimeTotalsOnACrew,
                         testing::Values(Crew::serial, Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

RC_GTEST_PROP(PrimeTotals, AddUpAcrossMethods, ()) {
    static Pool pool({.crew = Crew::serial});
    const auto begin = *rc::gen::inRange<std::uint64_t>(0, 1'000'000'000);
    const std::uint64_t middle = begin + *rc::gen::inRange<std::uint64_t>(0, 2000);
    const std::uint64_t end = middle + *rc::gen::inRange<std::uint64_t>(0, 2000);
    const auto method = [] { return *rc::gen::elementOf(all_methods); };
    for (const Quantity quantity : {Quantity::sum, Quantity::count}) {
        const uint128 left = total(pool, quantity, {begin, middle}, method()).value;
        const uint128 right = total(pool, quantity, {middle, end}, method()).value;
        RC_ASSERT(left + right == total(pool, quantity, {begin, end}, method()).value);
    }
}

TEST(SecondPath, IsAnotherMethodThatFitsTheTime) {
    const Range narrow{1'000'000'000'000, 1'000'000'020'000};
    EXPECT_EQ(second_path(Quantity::sum, narrow, Method::sieve).method, Method::hybrid);
    EXPECT_EQ(second_path(Quantity::sum, narrow, Method::hybrid).method, Method::sieve);
    EXPECT_FALSE(second_path(Quantity::sum, narrow, Method::sieve).other_borders);
    EXPECT_NE(second_path(Quantity::sum, narrow, Method::trial).method, Method::trial);
}

TEST(SecondPath, IsTheSameMethodOverOtherBordersWhereNoOtherFits) {
    const std::uint64_t quintillion = 1'000'000'000'000'000'000;
    // A sieve of a hundred numbers there takes hundreds of times as long as the hybrid.
    const SecondPath path =
        second_path(Quantity::sum, {quintillion, quintillion + 100}, Method::hybrid);
    EXPECT_EQ(path.method, Method::hybrid);
    EXPECT_TRUE(path.other_borders);
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

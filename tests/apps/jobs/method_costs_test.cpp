#include "jobs/primes/method_costs.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace pinfold::apps {
namespace {

constexpr std::uint64_t power_of_ten(int exponent) {
    return exponent == 0 ? 1 : 10 * power_of_ten(exponent - 1);
}

Range stretch(std::uint64_t begin, std::uint64_t size) {
    return {begin, uint128{begin} + size};
}

Method chosen(Range range, Quantity quantity = Quantity::sum) {
    return choose_method(std::nullopt, quantity, range).method;
}

TEST(Choice, IsTheSieveForShortRangesFromZero) {
    for (const std::uint64_t end : {0U, 1U, 10U, 1000U, 10'000U}) {
        EXPECT_EQ(chosen({0, end}), Method::sieve) << end;
    }
}

TEST(Choice, IsTheHybridForNarrowRangesFarUp) {
    EXPECT_EQ(chosen(stretch(power_of_ten(18), 1'000'000)), Method::hybrid);
    EXPECT_EQ(chosen(stretch(power_of_ten(15), 10'000)), Method::hybrid);
    EXPECT_EQ(chosen({0 - std::uint64_t{1'000'000}, two_to_64}), Method::hybrid);
}

TEST(Choice, IsTheSieveForLongRangesFarUp) {
    EXPECT_EQ(chosen(stretch(power_of_ten(15), power_of_ten(9))), Method::sieve);
    EXPECT_EQ(chosen(stretch(power_of_ten(18), power_of_ten(9))), Method::sieve);
}

TEST(Choice, IsTheCombinatorialMethodForWideRanges) {
    for (const Quantity quantity : {Quantity::sum, Quantity::count}) {
        EXPECT_EQ(chosen({0, power_of_ten(10)}, quantity), Method::combinatorial);
        EXPECT_EQ(chosen({0, two_to_64}, quantity), Method::combinatorial);
        // By a difference of two.
        EXPECT_EQ(chosen({power_of_ten(16), 2 * power_of_ten(16)}, quantity),
                  Method::combinatorial);
    }
}

TEST(Choice, IsAMethodOfChunksWhereThoseAreNeeded) {
    const Range wide{0, power_of_ten(10)};
    EXPECT_EQ(choose_method(std::nullopt, Quantity::sum, wide, true).method, Method::sieve);
}

TEST(Choice, IsWhatWasAskedFor) {
    for (const Method method : all_methods) {
        const Choice choice = choose_method(method, Quantity::sum, {0, 1000});
        EXPECT_EQ(choice.method, method);
        EXPECT_TRUE(choice.why.starts_with("asked for")) << choice.why;
        EXPECT_NE(choice.why.find(to_string(method)), std::string::npos) << choice.why;
    }
}

TEST(Choice, SaysWhatEachCandidateWouldTake) {
    const std::string why = choose_method(std::nullopt, Quantity::count, {0, 1000}).why;
    EXPECT_NE(why.find("sieve "), std::string::npos) << why;
    EXPECT_NE(why.find("hybrid "), std::string::npos) << why;
    EXPECT_NE(why.find("combinatorial "), std::string::npos) << why;
}

RC_GTEST_PROP(PredictedSeconds, GrowWithTheRange, (std::uint64_t begin)) {
    const auto size = *rc::gen::inRange<std::uint64_t>(0, ~begin);
    const auto more = *rc::gen::inRange<std::uint64_t>(0, ~begin - size);
    for (const Method method : all_methods) {
        const double less_seconds = predicted_seconds(method, Quantity::sum, stretch(begin, size));
        const double seconds =
            predicted_seconds(method, Quantity::sum, stretch(begin, size + more));
        RC_ASSERT(0 <= less_seconds && less_seconds <= seconds);
    }
}

RC_GTEST_PROP(Choice, HasTheLeastPredictedSeconds, (std::uint64_t begin)) {
    const auto size = *rc::gen::inRange<std::uint64_t>(0, ~begin);
    const Range range = stretch(begin, size);
    const double least = predicted_seconds(chosen(range), Quantity::sum, range);
    for (const Method method : {Method::sieve, Method::hybrid, Method::combinatorial}) {
        RC_ASSERT(least <= predicted_seconds(method, Quantity::sum, range));
    }
}

}  // namespace
}  // namespace pinfold::apps

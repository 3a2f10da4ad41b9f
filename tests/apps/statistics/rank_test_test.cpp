#include "statistics/rank_test.hpp"

#include <rapidcheck/gtest.h>

#include <cmath>
#include <stdexcept>

namespace pinfold::apps {
namespace {

using Values = std::vector<double>;

TEST(RankTest, HasTheExactProbabilityOfSeparatedGroups) {
    // One of the 252 ways to choose 5 of 10, in either direction.
    EXPECT_NEAR(rank_test(Values{1, 2, 3, 4, 5}, Values{6, 7, 8, 9, 10}).probability, 2.0 / 252,
                1e-12);
    EXPECT_NEAR(rank_test(Values{1, 2, 3}, Values{4, 5, 6}).probability, 0.1, 1e-12);
    EXPECT_NEAR(rank_test(Values{2}, Values{1}).probability, 1, 1e-12);
}

// By hand: after = {2, 5} of {1, 2, 3, 4, 5} has the rank sum 7; the sums of two of 1..5 are
// 3 4 5 5 6 6 7 7 8 9 about 6, and 8 of the 10 are at least 1 away.
TEST(RankTest, CountsChoices) {
    EXPECT_NEAR(rank_test(Values{1, 3, 4}, Values{2, 5}).probability, 0.8, 1e-12);
}

// R: wilcox.test(c(1.1,2.2,2.2,3.3), c(2.2,4.4,5.5,6.6)) has ties; coin's exact distribution: the
// mid-ranks are 1 3 3 5 and 3 6 7 8, and 4 of the 70 choices are as far off as 24.
TEST(RankTest, TakesTiesByTheirMeanRank) {
    EXPECT_NEAR(rank_test(Values{1.1, 2.2, 2.2, 3.3}, Values{2.2, 4.4, 5.5, 6.6}).probability,
                8.0 / 70, 1e-12);
    EXPECT_NEAR(rank_test(Values{2, 2, 2, 2}, Values{2, 2, 2, 2}).probability, 1, 1e-12);
}

TEST(RankTest, GivesTheMedianOfAllQuotients) {
    // 2/1 2/2 4/1 4/2 8/1 8/2: sorted 1 2 2 4 4 8, whose geometric middle is sqrt(2 * 4).
    const RankTest found = rank_test(Values{1, 2}, Values{2, 4, 8});
    EXPECT_NEAR(found.ratio.value, std::sqrt(8.0), 1e-12);
    EXPECT_EQ(found.ratio.level, 0) << "2 and 3 values have no 95 % interval";
}

TEST(RankTest, HasTheIntervalOfTheTables) {
    // Hollander & Wolfe, table for m = n = 5: P(U <= 2) = 4 / 252, so the 3rd quotient from each
    // end, with a level of 1 - 8 / 252.
    const Values before{1, 2, 4, 8, 16};
    const Values after{32, 64, 128, 256, 512};
    const RankTest found = rank_test(before, after);
    EXPECT_NEAR(found.ratio.level, 1 - 8.0 / 252, 1e-12);
    EXPECT_NEAR(found.ratio.value, 32, 1e-9);
    EXPECT_NEAR(found.ratio.low, 4, 1e-9) << "of 2 4 4 8 ...";
    EXPECT_NEAR(found.ratio.high, 256, 1e-9);
}

TEST(RankTest, GoesOnWithTheNormalApproximation) {
    Values before;
    Values after;
    for (int i = 0; i < 40; ++i) {
        before.push_back(100 + i);
        after.push_back(100.5 + i);
    }
    const RankTest same = rank_test(before, after);
    EXPECT_GT(same.probability, 0.8);
    EXPECT_LT(same.ratio.low, 1);
    EXPECT_GT(same.ratio.high, 1);
    for (double& value : after) {
        value *= 1.3;
    }
    const RankTest other = rank_test(before, after);
    EXPECT_LT(other.probability, 1e-6);
    EXPECT_GT(other.ratio.low, 1.2);
    EXPECT_LT(other.ratio.high, 1.4);
}

TEST(RankTest, RefusesWhatCannotBeCompared) {
    const Values good{1, 2, 3};
    EXPECT_THROW((void)rank_test({}, good), std::invalid_argument);
    EXPECT_THROW((void)rank_test(good, {}), std::invalid_argument);
    for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
        EXPECT_THROW((void)rank_test(good, Values{1, bad}), std::invalid_argument) << bad;
        EXPECT_THROW((void)rank_test(Values{bad}, good), std::invalid_argument) << bad;
    }
}

Values any_values() {
    return *rc::gen::nonEmpty(rc::gen::container<Values>(
        rc::gen::map(rc::gen::inRange(1, 60), [](int whole) { return whole * 0.25; })));
}

RC_GTEST_PROP(RankTest, IsTheSameInTheOtherDirection, ()) {
    const Values before = any_values();
    const Values after = any_values();
    const RankTest there = rank_test(before, after);
    const RankTest back = rank_test(after, before);
    RC_ASSERT(std::abs(there.probability - back.probability) < 1e-9);
    RC_ASSERT(std::abs(there.ratio.value * back.ratio.value - 1) < 1e-9);
    RC_ASSERT(std::abs(there.ratio.low * back.ratio.high - 1) < 1e-9);
}

RC_GTEST_PROP(RankTest, FindsAFactorThatIsPutIn, ()) {
    const Values before = any_values();
    Values after = before;
    for (double& value : after) {
        value *= 8;
    }
    const RankTest found = rank_test(before, after);
    RC_ASSERT(std::abs(found.ratio.value / 8 - 1) < 1e-9);
    RC_ASSERT(found.ratio.low <= 8 + 1e-9);
    RC_ASSERT(found.ratio.high >= 8 - 1e-9);
}

// Without ties the test and the interval are two views of one thing.
RC_GTEST_PROP(RankTest, RejectsWhereItsIntervalLeavesOutOne, ()) {
    const auto before = *rc::gen::inRange(5, 12);
    const auto after = *rc::gen::inRange(5, 12);
    const auto all = *rc::gen::unique<Values>(
        static_cast<std::size_t>(before + after),
        rc::gen::map(rc::gen::inRange(1, 100000), [](int whole) { return whole + 0.5; }));
    const std::span<const double> values(all);
    const RankTest found = rank_test(values.first(static_cast<std::size_t>(before)),
                                     values.last(static_cast<std::size_t>(after)));
    const bool leaves_out = found.ratio.low > 1 || found.ratio.high < 1;
    RC_ASSERT(leaves_out == (found.probability <= 0.05));
}

// S. Holm's procedure: the least of three counts three times, the next twice.
TEST(Holm, CountsTheLeastProbabilityForAllTests) {
    const auto adjusted = holm({0.04, 0.01, 0.02});
    EXPECT_NEAR(adjusted[0], 0.04, 1e-15);
    EXPECT_NEAR(adjusted[1], 0.03, 1e-15);
    EXPECT_NEAR(adjusted[2], 0.04, 1e-15);
    EXPECT_TRUE(holm({}).empty());
    EXPECT_EQ(holm({0.7, 0.8}), (std::vector<double>{1, 1}));
}

}  // namespace
}  // namespace pinfold::apps

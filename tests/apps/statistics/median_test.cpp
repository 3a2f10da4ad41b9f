#include "statistics/median.hpp"

#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>

namespace pinfold::apps {
namespace {

TEST(Median, IsTheMiddleOrTheMeanOfTheMiddleTwo) {
    EXPECT_EQ(median({7}), 7);
    EXPECT_EQ(median({9, 1, 5}), 5);
    EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
}

TEST(Median, RefusesWhatHasNone) {
    EXPECT_THROW((void)median({}), std::invalid_argument);
    EXPECT_THROW((void)median({1, std::nan("")}), std::invalid_argument);
    EXPECT_THROW((void)median({1, std::numeric_limits<double>::infinity()}), std::invalid_argument);
}

// Table of P(x(l) < median < x(u)) for 95 %: David & Nagaraja, and each follows by hand: 1 - 2 *
// (1 + 10) / 2^10 for n = 10.
TEST(MedianRanks, AreThoseOfTheBinomialDistribution) {
    struct Row {
        int values;
        int low;
        int high;
        double level;
    };
    for (const Row& row :
         {Row{6, 1, 6, 1 - 2.0 / 64}, Row{7, 1, 7, 1 - 2.0 / 128}, Row{8, 1, 8, 1 - 2.0 / 256},
          Row{9, 2, 8, 1 - 20.0 / 512}, Row{10, 2, 9, 1 - 22.0 / 1024},
          Row{15, 4, 12, 1 - 2 * 576.0 / 32768}, Row{20, 6, 15, 1 - 2 * 21700.0 / 1048576}}) {
        const auto ranks = median_ranks(row.values);
        ASSERT_TRUE(ranks) << row.values;
        EXPECT_EQ(ranks->low, row.low) << row.values;
        EXPECT_EQ(ranks->high, row.high) << row.values;
        EXPECT_NEAR(ranks->level, row.level, 1e-12) << row.values;
    }
}

TEST(MedianRanks, DoNotExistForFewerThanSixValues) {
    for (int values = 0; values < 6; ++values) {
        EXPECT_FALSE(median_ranks(values)) << values;
    }
    EXPECT_TRUE(median_ranks(5, 0.9));
}

TEST(MedianInterval, TakesTheSecondAndTheNinthOfTen) {
    const std::vector<double> values{10, 3, 7, 1, 9, 2, 8, 4, 6, 5};
    const Estimate found = median_interval(values);
    EXPECT_EQ(found.value, 5.5);
    EXPECT_EQ(found.low, 2);
    EXPECT_EQ(found.high, 9);
    EXPECT_NEAR(found.level, 0.979, 0.0005);
}

TEST(MedianInterval, SaysThatFiveValuesHaveNone) {
    const Estimate found = median_interval(std::vector<double>{5, 1, 4, 2, 3});
    EXPECT_EQ(found.value, 3);
    EXPECT_EQ(found.low, 3);
    EXPECT_EQ(found.high, 3);
    EXPECT_EQ(found.level, 0);
}

RC_GTEST_PROP(MedianInterval, EnclosesTheMedianAndScalesWithTheValues,
              (const std::vector<int>& whole)) {
    RC_PRE(!whole.empty());
    std::vector<double> values(whole.begin(), whole.end());
    const Estimate found = median_interval(values);
    RC_ASSERT(found.low <= found.value && found.value <= found.high);
    RC_ASSERT((found.level >= 0.95) == (values.size() >= 6));
    for (double& value : values) {
        value *= 4;  // exact
    }
    const Estimate scaled = median_interval(values);
    RC_ASSERT(scaled.value == 4 * found.value);
    RC_ASSERT(scaled.low == 4 * found.low);
    RC_ASSERT(scaled.high == 4 * found.high);
}

}  // namespace
}  // namespace pinfold::apps

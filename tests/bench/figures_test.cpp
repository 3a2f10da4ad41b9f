#include "harness/figures.hpp"

#include <gtest/gtest.h>

namespace bench {
namespace {

constexpr double least_share = 0.3;

/// A block of jobs that were shared equally.
Block fair(std::vector<double> seconds) {
    Block block;
    for (const double s : seconds) {
        block.push_back({s, 0.5});
    }
    return block;
}

TEST(Figures, TakeTheQuartilesOfAnyNumberOfValues) {
    EXPECT_EQ(quartiles({7}), (Quartiles{7, 7, 7}));
    EXPECT_EQ(quartiles({5, 1, 2, 4, 3}), (Quartiles{2, 3, 4}));
    EXPECT_EQ(quartiles({9, 8, 7, 6, 5, 4, 3, 2, 1}), (Quartiles{3, 5, 7}));
}

TEST(Figures, KnowTheSmallestShareOfTheChunks) {
    EXPECT_EQ(smallest_share({30, 70}), 0.3);
    EXPECT_EQ(smallest_share({10, 0}), 0);
    EXPECT_EQ(smallest_share({2, 1, 1}), 0.25);
    EXPECT_EQ(smallest_share({10}), 1) << "one party runs all";
    EXPECT_EQ(smallest_share({}), 1);
    EXPECT_EQ(smallest_share({0, 0}), 1);
}

TEST(Figures, CompareBlocksOfTheSameRound) {
    // Each round is slower than the one before it, as when the machine gets busy.
    const Blocks first{fair({1, 1, 1}), fair({2, 2, 2}), fair({4, 4, 4})};
    const Blocks own{fair({3, 2, 1}), fair({4, 4, 9}), fair({8, 8, 8})};
    const auto found = figures(own, first, least_share);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->vs_first, (Quartiles{2, 2, 2}));
    EXPECT_EQ(found->seconds, 4);
    EXPECT_EQ(found->dropped, 0);
    EXPECT_EQ(found->share, 0.5);
    ASSERT_EQ(found->rounds.size(), 3U);
    EXPECT_EQ(found->rounds[2].seconds, 8);
    EXPECT_EQ(found->rounds[2].ratio, 2);
}

TEST(Figures, DropJobsThatOnePartyRanAlmostAlone) {
    const Blocks first{fair({1, 1, 1})};
    const Blocks own{{{2, 0.5}, {9, 0.1}, {9, 0.29}, {2, 0.3}, {2, 0.4}}};
    const auto found = figures(own, first, least_share);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->seconds, 2);
    EXPECT_EQ(found->dropped, 2);
    EXPECT_EQ(found->share, 0.3);
    EXPECT_EQ(figures(own, first, 0)->dropped, 0);
}

TEST(Figures, KeepAllJobsOfWhoeverSharesFew) {
    const Blocks first{fair({1})};
    const Blocks own{{{2, 0.5}, {3, 0}, {3, 0}}};
    const auto found = figures(own, first, least_share);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->seconds, 3);
    EXPECT_EQ(found->dropped, 0);
    EXPECT_EQ(found->share, 0);
}

TEST(Figures, PassByARoundWithoutAJobThatCounts) {
    const Blocks first{fair({1, 1}), {{1, 0}}, fair({1, 1})};
    const Blocks own{{{9, 0}}, fair({9, 9}), fair({3, 3})};
    const auto found = figures(own, first, least_share);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->vs_first, (Quartiles{3, 3, 3}));
    EXPECT_EQ(found->seconds, 3);
    EXPECT_EQ(found->dropped, 1);
    EXPECT_EQ(found->rounds.size(), 1U);
}

TEST(Figures, AreNoneWithoutACommonRound) {
    const Blocks first{{{1, 0}}, fair({1, 1})};
    const Blocks own{fair({1, 1}), {{1, 0}}};
    EXPECT_FALSE(figures(own, first, least_share));
}

}  // namespace
}  // namespace bench

// What a trace's chunks come to, against sums made by hand.
#include "report/figures/busy_grid.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace pinfold::apps::report {
namespace {

// Worker 0: busy 0 to 2 and 3 to 4; worker 1: busy 1 to 3; worker 2: nothing. The run takes 4 s.
const std::vector<TracedChunk> three_workers{{0, 0, 2}, {1, 1, 2}, {0, 3, 1}};

TEST(WorkerRows, HoldAllWorkersInRowsOfTheSameSize) {
    EXPECT_EQ(worker_rows(3, 32).size(), 3U);
    const auto rows = worker_rows(1000, 32);
    ASSERT_EQ(rows.size(), 32U);
    EXPECT_EQ(rows.front().workers(), 32);
    EXPECT_EQ(rows.back().first, 992);
    EXPECT_EQ(rows.back().last, 999);
    EXPECT_EQ(worker_rows(33, 32).size(), 17U);
    EXPECT_TRUE(worker_rows(0, 32).empty());
}

TEST(BusyGrid, SharesChunksOutOverBins) {
    const BusyGrid grid = busy_grid(three_workers, 3, 32, 4);
    EXPECT_EQ(grid.seconds, 4);
    EXPECT_EQ(grid.share, (std::vector<double>{1, 1, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0}));
}

TEST(BusyGrid, SharesAChunkThatEndsWithinABin) {
    const BusyGrid grid = busy_grid({{0, 10, 1}, {0, 11.5, .5}}, 1, 32, 2);
    EXPECT_EQ(grid.seconds, 2);
    EXPECT_DOUBLE_EQ(grid.at(0, 0), 1);
    EXPECT_DOUBLE_EQ(grid.at(0, 1), .5);
}

TEST(BusyGrid, TakesTheMeanOfARowOfSeveralWorkers) {
    const BusyGrid grid = busy_grid(three_workers, 3, 2, 2);
    ASSERT_EQ(grid.rows.size(), 2U);
    EXPECT_DOUBLE_EQ(grid.at(0, 0), .75);  // worker 0 all, worker 1 half
    EXPECT_DOUBLE_EQ(grid.at(0, 1), .5);
    EXPECT_DOUBLE_EQ(grid.at(1, 0), 0);
}

TEST(BusyGrid, CountsNothingThatCannotBe) {
    const double infinity = std::numeric_limits<double>::infinity();
    std::vector<TracedChunk> chunks = three_workers;
    chunks.push_back({-1, 0, 1});
    chunks.push_back({3, 0, 100});
    chunks.push_back({0, std::nan(""), 1});
    chunks.push_back({0, 1, infinity});
    chunks.push_back({0, 1, -1});
    EXPECT_EQ(busy_grid(chunks, 3, 32, 4).share, busy_grid(three_workers, 3, 32, 4).share);
    EXPECT_EQ(busy_grid({}, 2, 32, 3).share, std::vector<double>(6, 0));
    EXPECT_EQ(busy_grid({{0, 5, 0}}, 1, 32, 2).share, std::vector<double>(2, 0));
}

TEST(BusyGrid, IsNeverMoreThanBusy) {
    for (const double share : busy_grid({{0, 0, 2}, {0, 0, 2}, {0, 1, 1}}, 1, 32, 7).share) {
        EXPECT_LE(share, 1);
    }
}

TEST(WorkerSplits, TellBusyWaitingAndIdle) {
    const auto splits = worker_splits(three_workers, 3, 32);
    ASSERT_EQ(splits.size(), 3U);
    EXPECT_EQ(splits[0].chunks, 2U);
    EXPECT_DOUBLE_EQ(splits[0].busy, 3);
    EXPECT_DOUBLE_EQ(splits[0].waiting, 1);
    EXPECT_DOUBLE_EQ(splits[0].idle, 0);
    EXPECT_DOUBLE_EQ(splits[1].busy, 2);
    EXPECT_DOUBLE_EQ(splits[1].idle, 2);
    EXPECT_DOUBLE_EQ(splits[2].idle, 4);
    const auto all = worker_splits(three_workers, 3, 1);
    EXPECT_EQ(all[0].chunks, 3U);
    EXPECT_DOUBLE_EQ(all[0].busy, 5. / 3);
    EXPECT_DOUBLE_EQ(all[0].busy + all[0].waiting + all[0].idle, 4);
}

TEST(WorkerSplits, TellTheBusiestWorker) {
    EXPECT_DOUBLE_EQ(imbalance_of(three_workers, 3), 3 / (5. / 3) - 1);
    EXPECT_DOUBLE_EQ(imbalance_of({{0, 0, 1}, {1, 0, 1}}, 2), 0);
    EXPECT_DOUBLE_EQ(imbalance_of({}, 2), 0);
}

TEST(ChunkTimes, AreCountedInBinsOfTheSameFactor) {
    const ChunkTimes times =
        chunk_times({{0, 0, 1e-3}, {0, 0, 1.01e-3}, {0, 0, 1e-2}, {0, 0, 9e-4}});
    EXPECT_EQ(times.chunks, 4U);
    ASSERT_EQ(times.bins.size(), 10U);  // from 7.5e-4 to 1.33e-2, eight a decade
    EXPECT_EQ(times.bins[0].chunks, 1U);
    EXPECT_EQ(times.bins[1].chunks, 2U);
    EXPECT_EQ(times.bins[9].chunks, 1U);
    EXPECT_NEAR(times.bins[1].low, 1e-3, 1e-12);
    EXPECT_DOUBLE_EQ(times.shortest, 9e-4);
    EXPECT_DOUBLE_EQ(times.median, 1.005e-3);
    EXPECT_DOUBLE_EQ(times.at_99_percent, 1e-2);
    EXPECT_DOUBLE_EQ(times.longest, 1e-2);
}

TEST(ChunkTimes, TakeWhatHasNoLengthForANanosecond) {
    EXPECT_DOUBLE_EQ(chunk_times({{0, 0, 0}}).median, 1e-9);
    EXPECT_EQ(chunk_times({}).chunks, 0U);
    EXPECT_TRUE(chunk_times({}).bins.empty());
    std::vector<TracedChunk> hundred(100, {0, 0, 1});
    hundred[7].seconds = 5;
    EXPECT_DOUBLE_EQ(chunk_times(hundred).at_99_percent, 1);
}

}  // namespace
}  // namespace pinfold::apps::report

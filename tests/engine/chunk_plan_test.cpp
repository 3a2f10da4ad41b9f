#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/chunk_seed.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace pinfold {
namespace {

std::string refusal(Range range, std::uint64_t grain) {
    try {
        const ChunkPlan plan(range, grain);
        return "accepted with " + std::to_string(plan.size()) + " chunks";
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
}

RC_GTEST_PROP(ChunkPlan, CoversEachRangeOnceInOrder, (std::uint64_t begin, std::uint32_t length)) {
    const Range range{begin,
                      uint128{begin} + length > two_to_64 ? two_to_64 : uint128{begin} + length};
    const auto grain = *rc::gen::inRange<std::uint64_t>(1 + length / 5000, 2 + length / 2);
    const ChunkPlan plan(range, grain);
    uint128 next = range.begin;
    for (std::uint64_t i = 0; i < plan.size(); ++i) {
        const Chunk chunk = plan[i];
        RC_ASSERT(uint128{chunk.begin} == next);
        RC_ASSERT(chunk.index == i);
        RC_ASSERT(chunk.size() == grain || i + 1 == plan.size());
        RC_ASSERT(!chunk.empty());
        next = chunk.end;
    }
    RC_ASSERT(next == range.end);
}

TEST(ChunkPlan, HoldsAllIntegersUpToTheLast) {
    const ChunkPlan plan(Range{0, two_to_64});
    const Chunk last = plan[plan.size() - 1];
    EXPECT_TRUE(last.end == two_to_64);
    EXPECT_LE(plan.size(), 4096U);
}

TEST(ChunkPlan, OfAnEmptyRangeHasNoChunks) {
    EXPECT_EQ(ChunkPlan(Range{7, 7}).size(), 0U);
    EXPECT_EQ(ChunkPlan(Range{7, 7}, 3).size(), 0U);
}

TEST(ChunkPlan, RefusesAReversedRangeByItsEnds) {
    EXPECT_EQ(refusal(Range{10, 9}, 1), "range [10, 9): the end is below the begin");
}

TEST(ChunkPlan, RefusesAnEndAbove2To64) {
    EXPECT_EQ(refusal(Range{0, two_to_64 + 1}, 0), "range end 18446744073709551617 is above 2^64");
}

TEST(ChunkPlan, NamesTheSmallestGrainThatFits) {
    EXPECT_NE(refusal(Range{0, (uint128{1} << 22) + 1}, 1).find("smallest grain that fits is 2"),
              std::string::npos);
    EXPECT_EQ(refusal(Range{0, uint128{1} << 22}, 1), "accepted with 4194304 chunks");
}

TEST(SmallestGrain, FitsAndNoneBelowItDoes) {
    EXPECT_EQ(smallest_grain(Range{0, 0}), 1U);
    for (const std::uint64_t grain : {std::uint64_t{2}, std::uint64_t{2384185792}}) {
        const uint128 longest = uint128{grain} * max_chunks;
        EXPECT_EQ(smallest_grain(Range{0, longest}), grain);
        EXPECT_EQ(smallest_grain(Range{0, longest + 1}), grain + 1);
        EXPECT_EQ(ChunkPlan(Range{0, longest}, grain).size(), max_chunks);
        EXPECT_THROW(ChunkPlan(Range{0, longest + 1}, grain), std::invalid_argument);
    }
}

/// What a job without a grain gets.
struct DefaultPlan {
    std::uint64_t count;
    std::size_t element_bytes;  // 0: it is a range
    std::size_t result_bytes;
    std::uint64_t grain;
    std::uint64_t chunks;
};

// Frozen: a change alters the last bits of floating-point sums, and leaves journals unusable.
TEST(DefaultGrain, StaysWhatItIs) {
    const std::vector<DefaultPlan> plans{
        {0, 0, 8, 1, 0},
        {1, 0, 8, 1, 1},
        {4096, 0, 8, 1, 4096},
        {4097, 0, 8, 2, 2049},
        {10'000'000, 0, 0, 2442, 4096},
        {10'000'000, 0, 8, 2442, 4096},
        {10'000'000, 0, 256, 2442, 4096},
        {10'000'000, 0, 257, 2451, 4080},
        {10'000'000, 0, 512, 4883, 2048},
        {10'000'000, 0, 1024, 9766, 1024},
        {10'000'000, 0, 4096, 39063, 256},
        {10'000'000, 0, 6144, 39063, 256},
        {10'000'000, 0, std::size_t{1} << 30, 39063, 256},
        {100, 0, 6144, 1, 100},
        {~std::uint64_t{0}, 0, 8, std::uint64_t{1} << 52, 4096},
        {~std::uint64_t{0}, 0, 6144, std::uint64_t{1} << 56, 256},
        {1000, 8, 8, 512, 2},
        {1000, 10'000, 8, 1, 1000},
        {10'000'000, 8, 8, 2442, 4096},
        {10'000'000, 8, 1024, 9766, 1024},
        {64'000'000, 1, 8, 15625, 4096},
        {64'000'000, 1, 6144, 250'000, 256},
        {1'000'000, 1, 6144, 4096, 245},
        {std::uint64_t{1} << 32, 1, 1, 1U << 20, 4096},
    };
    for (const DefaultPlan& plan : plans) {
        const std::uint64_t grain =
            plan.element_bytes == 0
                ? default_grain(Range{0, plan.count}, plan.result_bytes)
                : default_grain(plan.count, plan.element_bytes, plan.result_bytes);
        const std::string name = std::to_string(plan.count) + " of " +
                                 std::to_string(plan.element_bytes) + " bytes, results of " +
                                 std::to_string(plan.result_bytes);
        EXPECT_EQ(grain, plan.grain) << name;
        EXPECT_EQ(ChunkPlan(Range{0, plan.count}, grain).size(), plan.chunks) << name;
    }
}

TEST(DefaultGrain, OfSmallResultsIsThatOfNone) {
    for (const std::uint64_t count : {0U, 1U, 5000U, 123'456'789U}) {
        EXPECT_EQ(default_grain(Range{0, count}, 256), default_grain(Range{0, count}));
        EXPECT_EQ(default_grain(count, 4, 256), default_grain(count, 4));
        EXPECT_EQ(ChunkPlan(Range{0, count}).grain(), default_grain(Range{0, count}));
    }
}

RC_GTEST_PROP(DefaultGrain, BoundsTheBytesOfAllResults,
              (std::uint64_t count, std::uint16_t result_bytes)) {
    const ChunkPlan plan(Range{0, count}, default_grain(Range{0, count}, result_bytes));
    RC_ASSERT(plan.size() <= 4096);
    RC_ASSERT(plan.size() <= 256 || plan.size() * result_bytes <= std::uint64_t{1} << 20);
}

TEST(ChunkPlan, GivesArraysChunksOfAPageAtLeast) {
    EXPECT_EQ(default_grain(1000, sizeof(double)), 512U);
    EXPECT_EQ(default_grain(1000, 10'000), 1U);
    EXPECT_EQ(default_grain(std::size_t{1} << 32, 1), 1U << 20);
}

TEST(ChunkSeed, DiffersForNeighbours) {
    std::set<std::uint64_t> seeds;
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
        for (std::uint64_t index = 0; index < 100; ++index) {
            seeds.insert(chunk_seed(seed, index));
        }
    }
    EXPECT_EQ(seeds.size(), 10'000U);
}

TEST(Uint128, IsWrittenInDecimal) {
    EXPECT_EQ(to_decimal(0), "0");
    EXPECT_EQ(to_decimal(two_to_64 - 1), "18446744073709551615");
    EXPECT_EQ(to_decimal(two_to_64), "18446744073709551616");
    const uint128 ten_to_19 = 10'000'000'000'000'000'000U;
    EXPECT_EQ(to_decimal(2 * ten_to_19), "20000000000000000000");
    EXPECT_EQ(to_decimal(ten_to_19 * ten_to_19 + 7), "100000000000000000000000000000000000007");
    EXPECT_EQ(to_decimal(static_cast<uint128>(-1)), "340282366920938463463374607431768211455");
}

}  // namespace
}  // namespace pinfold

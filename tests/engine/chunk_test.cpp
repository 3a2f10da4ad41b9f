#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <numeric>
#include <pinfold/engine/chunk_plan.hpp>
#include <sstream>
#include <vector>

namespace pinfold {
namespace {

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

std::string written(ChunkEnd end) {
    std::ostringstream text;
    text << end;
    return text.str();
}

/// What the usual loops over a chunk see; no more than a hundred numbers.
std::vector<std::uint64_t> seen_by_less(const Chunk& chunk) {
    std::vector<std::uint64_t> seen;
    for (auto k = chunk.begin; k < chunk.end && seen.size() < 100; ++k) {
        seen.push_back(k);
    }
    return seen;
}

std::vector<std::uint64_t> seen_by_not_equal(const Chunk& chunk) {
    std::vector<std::uint64_t> seen;
    for (auto k = chunk.begin; k != chunk.end && seen.size() < 100; ++k) {
        seen.push_back(k);
    }
    return seen;
}

std::vector<std::uint64_t> numbers(std::uint64_t begin, std::uint64_t count) {
    std::vector<std::uint64_t> all(count);
    std::iota(all.begin(), all.end(), begin);
    return all;
}

TEST(Chunk, IsLoopedOverFromBeginToEnd) {
    for (const std::uint64_t begin :
         {std::uint64_t{0}, std::uint64_t{7}, highest / 2, highest - 30}) {
        for (const std::uint64_t size : {0U, 1U, 10U, 30U}) {
            const Chunk chunk(begin, size, 3);
            EXPECT_EQ(seen_by_less(chunk), numbers(begin, size));
            EXPECT_EQ(seen_by_not_equal(chunk), numbers(begin, size));
            EXPECT_EQ(chunk.size(), size);
            EXPECT_EQ(chunk.empty(), size == 0);
        }
    }
}

TEST(Chunk, MayEndWhereNumbersStartAgain) {
    const Chunk last = ChunkPlan(Range{highest - 9, two_to_64}, 100)[0];
    EXPECT_EQ(seen_by_less(last), numbers(highest - 9, 10));
    EXPECT_EQ(seen_by_not_equal(last), numbers(highest - 9, 10));
    EXPECT_TRUE(last.end == two_to_64);
    EXPECT_EQ(last.size(), 10U);
}

TEST(Chunk, HoldsAllNumbersButOne) {
    const Chunk chunk = ChunkPlan(Range{0, two_to_64}, highest)[0];
    EXPECT_EQ(chunk.size(), highest);
    EXPECT_TRUE(highest - 1 < chunk.end);
    EXPECT_FALSE(highest < chunk.end);
    const Chunk rest = ChunkPlan(Range{0, two_to_64}, highest)[1];
    EXPECT_EQ(rest.begin, highest);
    EXPECT_EQ(rest.size(), 1U);
}

TEST(Chunk, IsARange) {
    const Range range = Chunk(10, 5, 0);
    EXPECT_TRUE(range == (Range{10, 15}));
    EXPECT_TRUE(Chunk(Range{10, 15}, 2) == Chunk(10, 5, 2));
    EXPECT_FALSE(Chunk(10, 5, 1) == Chunk(10, 5, 2));
}

TEST(ChunkEnd, IsComparedAndCountedWithLikeANumber) {
    const ChunkEnd end(10, 20);
    EXPECT_TRUE(end == 30);
    EXPECT_TRUE(end != 31U);
    EXPECT_TRUE(29 < end && end > 29 && !(30 < end));
    EXPECT_TRUE(30 >= end && end <= 30 && !(29 >= end));
    EXPECT_TRUE(end - 1 == 29);
    EXPECT_TRUE(end % 7 == 2);
    EXPECT_EQ(static_cast<std::ptrdiff_t>(end), 30);
    EXPECT_TRUE(end == ChunkEnd(25, 5));
}

TEST(ChunkEnd, IsWrittenInDecimal) {
    EXPECT_EQ(written(ChunkEnd(10, 20)), "30");
    EXPECT_EQ(written(ChunkEnd(highest, 1)), "18446744073709551616");
}

}  // namespace
}  // namespace pinfold

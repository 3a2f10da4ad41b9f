// Chunks that a job goes on without: each is listed, with what it was lost by.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

constexpr std::uint64_t most_reasons = 2048;

JobOptions<std::uint64_t> skipping(int max_attempts = 3) {
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    options.max_attempts = max_attempts;
    options.on_poison = OnPoison::skip;
    return options;
}

void expect_thrown(const ChunkFailure& skipped, std::uint64_t index) {
    EXPECT_EQ(skipped.chunk.index, index);
    EXPECT_EQ(skipped.exception_type, "std::domain_error");
    EXPECT_EQ(skipped.exception_text, "no value for " + std::to_string(index));
    EXPECT_EQ(skipped.attempts, 1);
    EXPECT_TRUE(skipped.deaths.empty());
}

std::uint64_t throw_for(const Chunk& chunk) {
    throw std::domain_error("no value for " + std::to_string(chunk.index));
}

/// Each chunk of an odd number throws.
constexpr auto odd_ones_throw = [](const Empty&, const Chunk& chunk) {
    return chunk.index % 2 == 1 ? throw_for(chunk) : std::uint64_t{1};
};

class SkippedOnEveryCrew : public testing::NothingLeft,
                           public ::testing::WithParamInterface<Crew> {};

TEST_P(SkippedOnEveryCrew, AreToldByWhatTheirMapsThrew) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (const std::uint64_t chunks : {4000U, 100U, 4000U}) {  // a board is used again
        const auto result =
            map_reduce(pool, Range{0, chunks}, Empty{}, odd_ones_throw, std::plus<>{}, skipping());
        EXPECT_EQ(result.value, chunks / 2);
        ASSERT_EQ(result.report.skipped.size(), chunks / 2);
        for (std::uint64_t i = 0; i < chunks / 2; ++i) {
            expect_thrown(result.report.skipped[i], 2 * i + 1);
        }
    }
}

TEST_P(SkippedOnEveryCrew, AreListedBeyondTheReasonsThatAreKept) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = map_reduce(
        pool, Range{0, 10'000}, Empty{},
        [](const Empty&, const Chunk& chunk) { return throw_for(chunk); }, std::plus<>{},
        skipping());
    ASSERT_EQ(result.report.skipped.size(), 10'000U);
    std::uint64_t kept = 0;
    for (std::uint64_t i = 0; i < 10'000; ++i) {
        const ChunkFailure& skipped = result.report.skipped[i];
        if (skipped.exception_text == "not kept") {
            EXPECT_EQ(skipped.chunk.index, i);
            EXPECT_EQ(skipped.exception_type, "");
            EXPECT_EQ(skipped.attempts, 1);
        } else {
            expect_thrown(skipped, i);
            ++kept;
        }
    }
    EXPECT_EQ(kept, most_reasons);
}

TEST_P(SkippedOnEveryCrew, CostNoRefusalWhereTheArenaIsShort) {
    Pool pool({.crew = GetParam(), .workers = 2, .pin = "none", .arena_bytes = 2'000'000});
    const auto result =
        map_reduce(pool, Range{0, 5000}, Empty{}, odd_ones_throw, std::plus<>{}, skipping());
    EXPECT_EQ(result.value, 2500U);
    EXPECT_EQ(result.report.skipped.size(), 2500U);
    const auto told = std::ranges::find(result.report.skipped, "std::domain_error",
                                        &ChunkFailure::exception_type);
    ASSERT_NE(told, result.report.skipped.end());
    expect_thrown(*told, told->chunk.index);
}

TEST_P(SkippedOnEveryCrew, AreNoneInAJobWithoutThem) {
    Pool pool = testing::make_pool(GetParam(), 2);
    map_reduce(pool, Range{0, 100}, Empty{}, odd_ones_throw, std::plus<>{}, skipping());
    const auto result = map_reduce(
        pool, Range{0, 100}, Empty{}, [](const Empty&, const Chunk&) { return std::uint64_t{1}; },
        std::plus<>{}, skipping());
    EXPECT_EQ(result.value, 100U);
    EXPECT_TRUE(result.report.skipped.empty());
}

INSTANTIATE_TEST_SUITE_P(Crews, SkippedOnEveryCrew, ::testing::ValuesIn(testing::all_crews));

class Skipped : public testing::NothingLeft {};

TEST_F(Skipped, AreToldByEachDeathHoweverManyThereAre) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    constexpr std::uint64_t chunks = 300;
    constexpr int attempts = 2;
    const auto result = map_reduce(
        pool, Range{0, chunks}, Empty{},
        [](const Empty&, const Chunk& chunk) {
            if (chunk.index % 3 == 1) {
                raise(SIGKILL);
            }
            return std::uint64_t{1};
        },
        std::plus<>{}, skipping(attempts));
    EXPECT_EQ(result.value, chunks - chunks / 3);
    EXPECT_EQ(result.report.deaths, attempts * chunks / 3);
    EXPECT_EQ(result.report.latest_deaths.size(), 128U);  // all that the log of deaths holds
    ASSERT_EQ(result.report.skipped.size(), chunks / 3);
    for (const ChunkFailure& skipped : result.report.skipped) {
        EXPECT_EQ(skipped.chunk.index % 3, 1U);
        EXPECT_EQ(skipped.attempts, attempts);
        EXPECT_EQ(skipped.exception_type + skipped.exception_text, "");
        ASSERT_EQ(skipped.deaths.size(), static_cast<std::size_t>(attempts));
        for (const Death& death : skipped.deaths) {
            EXPECT_EQ(death.how, "signal 9 (Killed)");
            EXPECT_NE(death.pid, 0);
        }
        EXPECT_NE(skipped.deaths[0].pid, skipped.deaths[1].pid);
    }
}

TEST_F(Skipped, AreToldByADeathAndByWhatTheNextAttemptThrew) {
    Pool pool = testing::make_pool(Crew::processes, 1);
    const auto starts = pool.array<int>(100);
    const auto result = map_reduce(
        pool, Range{0, starts.size()}, starts.span(),
        [](const std::span<int>& all, const Chunk& chunk) {
            const bool is_first = ++all[chunk.index] == 1;
            if (chunk.index % 10 != 5) {
                return std::uint64_t{1};
            }
            if (is_first) {
                raise(SIGSEGV);
            }
            return throw_for(chunk);
        },
        std::plus<>{}, skipping());
    ASSERT_EQ(result.report.skipped.size(), 10U);
    for (const ChunkFailure& skipped : result.report.skipped) {
        EXPECT_EQ(skipped.attempts, 2);
        EXPECT_EQ(skipped.exception_text, "no value for " + std::to_string(skipped.chunk.index));
        ASSERT_EQ(skipped.deaths.size(), 1U);
        EXPECT_TRUE(skipped.deaths[0].how.starts_with("signal 11")) << skipped.deaths[0].how;
    }
}

TEST_F(Skipped, HaveNoReasonOfAnAttemptBeforeOneThatWasRight) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const auto starts = pool.array<int>(50);
    const auto result = map_reduce(
        pool, Range{0, starts.size()}, starts.span(),
        [](const std::span<int>& all, const Chunk& chunk) {
            if (++all[chunk.index] == 1) {
                raise(SIGKILL);
            }
            return std::uint64_t{1};
        },
        std::plus<>{}, skipping());
    EXPECT_EQ(result.value, 50U);
    EXPECT_TRUE(result.report.skipped.empty());
}

TEST_F(Skipped, AreToldByTheirDeadline) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    auto options = skipping(1);
    options.chunk_deadline = std::chrono::milliseconds(20);
    const auto result = map_reduce(
        pool, Range{0, 10}, Empty{},
        [](const Empty&, const Chunk& chunk) {
            while (chunk.index == 4) {
                usleep(1000);
            }
            return std::uint64_t{1};
        },
        std::plus<>{}, options);
    ASSERT_EQ(result.report.skipped.size(), 1U);
    ASSERT_EQ(result.report.skipped[0].deaths.size(), 1U);
    EXPECT_EQ(result.report.skipped[0].deaths[0].how, "killed past the chunk deadline");
}

}  // namespace
}  // namespace pinfold

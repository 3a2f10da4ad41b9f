#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

class EveryCrew : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {};

TEST_P(EveryCrew, RunsPhasesInOrderOnSharedMemory) {
    Pool pool = testing::make_pool(GetParam(), 3);
    constexpr std::uint64_t n = 5000;
    JobOptions<std::uint64_t> options;
    options.grain = 7;
    options.phases.push_back(make_phase<Empty>(Range{0, n}, 11, n * sizeof(std::uint64_t),
                                               [](const Empty&, const Chunk& c, const Left& left) {
                                                   for (std::uint64_t i = c.begin; i < c.end; ++i) {
                                                       left.of<std::uint64_t>(0)[i] = i + 1;
                                                   }
                                               }));
    options.phases.push_back(make_phase<Empty>(Range{0, n}, 13, n * sizeof(std::uint64_t),
                                               [](const Empty&, const Chunk& c, const Left& left) {
                                                   for (std::uint64_t i = c.begin; i < c.end; ++i) {
                                                       left.of<std::uint64_t>(1)[i] =
                                                           2 * left.of<std::uint64_t>(0)[n - 1 - i];
                                                   }
                                               }));
    const auto run = [&] {
        return map_reduce(
            pool, Range{0, n}, Empty{},
            [](const Empty&, const Chunk& c, const Left& left) {
                const auto twice = left.of<std::uint64_t>(1);
                return std::accumulate(twice.begin() + static_cast<std::ptrdiff_t>(c.begin),
                                       twice.begin() + static_cast<std::ptrdiff_t>(c.end),
                                       std::uint64_t{0});
            },
            std::plus<>{}, options);
    };
    for (int repeat = 0; repeat < 20; ++repeat) {
        const auto result = run();
        EXPECT_EQ(result.value, n * (n + 1));
        EXPECT_EQ(result.report.phase_seconds.size(), 3U);
    }
}

/// A phase that fills the job's one byte of memory: what it reads there tells which phases ran.
Phase stamp(std::uint64_t first_chunk, std::size_t bytes) {
    Phase phase = make_phase<Empty>(Range{first_chunk, first_chunk + 1}, 1, bytes,
                                    [](const Empty&, const Chunk& c, const Left& left) {
                                        left.of<std::uint64_t>(0)[0] = c.begin;
                                    });
    phase.first_chunk = first_chunk;
    return phase;
}

TEST_P(EveryCrew, RunsAPhaseBetweenTheChunksThatNeedItAndThoseBefore) {
    Pool pool = testing::make_pool(GetParam(), 3);
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    options.phases = {stamp(0, sizeof(std::uint64_t)), stamp(7, 0), stamp(7, 0), stamp(20, 0)};
    for (int repeat = 0; repeat < 20; ++repeat) {
        const auto result = map_reduce(
            pool, Range{0, 205}, Empty{},
            [](const Empty&, const Chunk& c, const Left& left) {
                return (left.of<std::uint64_t>(0)[0] << 32) + static_cast<std::uint64_t>(c.size());
            },
            std::plus<>{}, options);
        EXPECT_EQ(result.value >> 32, 7U * 0 + 13U * 7 + 1U * 20);
        EXPECT_EQ(result.value & 0xFFFFFFFF, 205U);
        EXPECT_EQ(result.report.chunks, 21U + 4U);
        EXPECT_EQ(result.report.phase_seconds.size(), 5U);
    }
}

TEST_P(EveryCrew, SkipsPoisonInEveryStretchBetweenPhases) {
    Pool pool = testing::make_pool(GetParam(), 2);
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    options.on_poison = OnPoison::skip;
    options.phases = {stamp(0, sizeof(std::uint64_t)), stamp(5, 0)};
    const auto result = map_reduce(
        pool, Range{0, 100}, Empty{},
        [](const Empty&, const Chunk& c) -> std::uint64_t {
            if (c.index == 2 || c.index == 8) {
                throw 5;
            }
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 8U);
    ASSERT_EQ(result.report.skipped.size(), 2U);
    EXPECT_EQ(result.report.skipped[0].begin, 20U);
    EXPECT_EQ(result.report.skipped[1].begin, 80U);
}

INSTANTIATE_TEST_SUITE_P(Phases, EveryCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST(Phases, AreRefusedOutOfTheOrderOfTheChunksThatNeedThem) {
    Pool pool({.crew = Crew::serial});
    const auto run = [&](std::vector<Phase> phases) {
        JobOptions<int> options;
        options.grain = 10;
        options.phases = std::move(phases);
        return map_reduce(
            pool, Range{0, 100}, Empty{}, [](const Empty&, const Chunk&) { return 1; },
            std::plus<>{}, options);
    };
    EXPECT_THROW(run({stamp(5, 8), stamp(4, 0)}), std::invalid_argument);
    EXPECT_THROW(run({stamp(11, 8)}), std::invalid_argument);
    Phase backwards = stamp(5, 8);
    backwards.last_chunk = 4;
    EXPECT_THROW(run({backwards}), std::invalid_argument);
    EXPECT_EQ(run({stamp(10, 8)}).value, 10);
}

}  // namespace
}  // namespace pinfold

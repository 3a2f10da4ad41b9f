#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <numeric>
#include <stdexcept>
#include <string>

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
    Phases<Empty> phases;
    phases.add({.range = {0, n}, .grain = 11, .bytes = n * sizeof(std::uint64_t)},
               [](const Empty&, const Chunk& c, const PhaseMemory& memory) {
                   for (std::uint64_t i = c.begin; i < c.end; ++i) {
                       memory.of<std::uint64_t>(0)[i] = i + 1;
                   }
               });
    phases.add({.range = {0, n}, .grain = 13, .bytes = n * sizeof(std::uint64_t)},
               [](const Empty&, const Chunk& c, const PhaseMemory& memory) {
                   for (std::uint64_t i = c.begin; i < c.end; ++i) {
                       memory.of<std::uint64_t>(1)[i] = 2 * memory.of<std::uint64_t>(0)[n - 1 - i];
                   }
               });
    const auto run = [&] {
        return map_reduce(
            pool, Range{0, n}, Empty{}, phases,
            [](const Empty&, const Chunk& c, const PhaseMemory& memory) {
                const auto twice = memory.of<std::uint64_t>(1);
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

struct Stamp {
    std::uint64_t first_chunk;
    std::size_t bytes;
    std::uint64_t last_chunk = max_chunks;
};

/// Phases that fill the job's one word of memory: what it reads there tells which phases ran.
Phases<Empty> stamps(std::initializer_list<Stamp> all) {
    Phases<Empty> phases;
    for (const Stamp& stamp : all) {
        phases.add({.range = {stamp.first_chunk, uint128{stamp.first_chunk} + 1},
                    .grain = 1,
                    .bytes = stamp.bytes,
                    .first_chunk = stamp.first_chunk,
                    .last_chunk = stamp.last_chunk},
                   [](const Empty&, const Chunk& c, const PhaseMemory& memory) {
                       memory.of<std::uint64_t>(0)[0] = c.begin;
                   });
    }
    return phases;
}

TEST_P(EveryCrew, RunsAPhaseBetweenTheChunksThatNeedItAndThoseBefore) {
    Pool pool = testing::make_pool(GetParam(), 3);
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    const auto phases = stamps({{0, sizeof(std::uint64_t)}, {7, 0}, {7, 0}, {20, 0}});
    for (int repeat = 0; repeat < 20; ++repeat) {
        const auto result = map_reduce(
            pool, Range{0, 205}, Empty{}, phases,
            [](const Empty&, const Chunk& c, const PhaseMemory& memory) {
                return (memory.of<std::uint64_t>(0)[0] << 32) +
                       static_cast<std::uint64_t>(c.size());
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
    const auto phases = stamps({{0, sizeof(std::uint64_t)}, {5, 0}});
    const auto result = map_reduce(
        pool, Range{0, 100}, Empty{}, phases,
        [](const Empty&, const Chunk& c, const PhaseMemory&) -> std::uint64_t {
            if (c.index == 2 || c.index == 8) {
                throw 5;
            }
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 8U);
    ASSERT_EQ(result.report.skipped.size(), 2U);
    EXPECT_EQ(result.report.skipped[0].chunk.begin, 20U);
    EXPECT_EQ(result.report.skipped[1].chunk.begin, 80U);
}

INSTANTIATE_TEST_SUITE_P(Phases, EveryCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST(Phases, AreRefusedOutOfTheOrderOfTheChunksThatNeedThem) {
    Pool pool({.crew = Crew::serial});
    const auto run = [&](std::initializer_list<Stamp> all) {
        JobOptions<int> options;
        options.grain = 10;
        return map_reduce(
            pool, Range{0, 100}, Empty{}, stamps(all),
            [](const Empty&, const Chunk&, const PhaseMemory&) { return 1; }, std::plus<>{},
            options);
    };
    EXPECT_THROW(run({{5, 8}, {4, 0}}), std::invalid_argument);
    EXPECT_THROW(run({{11, 8}}), std::invalid_argument);
    EXPECT_THROW(run({{5, 8, 4}}), std::invalid_argument);
    EXPECT_EQ(run({{10, 8}}).value, 10);
}

TEST_P(EveryCrew, TellsEachMapTheNumberOfItsPhase) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto note = [](const Empty&, const Chunk&, const PhaseMemory& memory) {
        memory.of<std::uint64_t>(memory.running())[0] = 10 + memory.running();
    };
    Phases<Empty> phases;
    const PhaseOptions one_word{.range = {0, 1}, .bytes = sizeof(std::uint64_t)};
    EXPECT_EQ(phases.add(one_word, note), 0U);
    EXPECT_EQ(phases.add(one_word, note), 1U);
    EXPECT_EQ(phases.size(), 2U);
    const auto result = map_reduce(
        pool, Range{0, 5}, Empty{}, phases,
        [](const Empty&, const Chunk&, const PhaseMemory& memory) {
            return memory.of<std::uint64_t>(0)[0] + memory.of<std::uint64_t>(1)[0] +
                   memory.running();
        },
        std::plus<>{});
    EXPECT_EQ(result.value, 5U * (10 + 11 + 2));
}

}  // namespace
}  // namespace pinfold

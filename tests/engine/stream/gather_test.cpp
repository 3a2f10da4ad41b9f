// Results of any number, which become one array.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <pinfold/engine/gather.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

#include "crews.hpp"
#include "job/left_in.hpp"
#include "leftovers.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

/// How many elements a chunk has: none, a few, and sometimes very many.
constexpr std::uint64_t count_of(std::uint64_t index) {
    const std::uint64_t x = index * 0x9e3779b97f4a7c15U >> 40U;
    return x % 100 == 0 ? 1 + x % 60'000 : x % 20;
}

std::uint64_t element(std::uint64_t chunk, std::uint64_t i) {
    return chunk << 20U | i;
}

constexpr auto append_some = [](const Chunk& chunk, Appender<std::uint64_t>& out) {
    for (std::uint64_t i = 0; i < count_of(chunk.index); ++i) {
        out.push_back(element(chunk.index, i));
    }
};

std::vector<std::uint64_t> expected_of(std::uint64_t chunks) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
        for (std::uint64_t i = 0; i < count_of(chunk); ++i) {
            all.push_back(element(chunk, i));
        }
    }
    return all;
}

template <typename T>
std::vector<T> vector_of(const shm::Array<T>& array) {
    return std::vector<T>(array.begin(), array.end());
}

using testing::left_in;

class GatherOnEveryCrew : public testing::NothingLeft,
                          public ::testing::WithParamInterface<Crew> {};

TEST_P(GatherOnEveryCrew, JoinsWhatEachChunkAppendsInChunkOrder) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (const std::uint64_t chunks : {0U, 1U, 2U, 3000U}) {
        const auto result =
            gather<std::uint64_t>(pool, Range{0, chunks}, append_some, {.grain = 1});
        EXPECT_EQ(vector_of(result.value), expected_of(chunks));
        EXPECT_EQ(result.report.chunks, chunks);
    }
}

TEST_P(GatherOnEveryCrew, LeavesNothingInTheArena) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (int round = 0; round < 5; ++round) {
        {
            const auto result =
                gather<std::uint64_t>(pool, Range{0, 3000}, append_some, {.grain = 1});
            EXPECT_EQ(left_in(pool), 1U);
        }
        EXPECT_EQ(left_in(pool), 0U);
    }
}

TEST_P(GatherOnEveryCrew, GivesElementsAndAJobToItsMap) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto letters = pool.array(std::string("a gathering of every vowel"));
    const auto vowels =
        gather<char>(pool, letters, std::string("aeiou"),
                     [](const std::string& wanted, std::span<const char> part, auto& out) {
                         for (const char letter : part) {
                             if (wanted.find(letter) != std::string::npos) {
                                 out.push_back(letter);
                             }
                         }
                     },
                     {.grain = 3});
    EXPECT_EQ(std::string(vowels.value.begin(), vowels.value.end()), "aaeioeeoe");
    const auto parts =
        gather<std::uint64_t>(pool, letters,
                              [](std::span<const char> part, const Chunk& chunk, auto& out) {
                                  out.push_back(chunk.index);
                                  out.push_back(part.size());
                              },
                              {.grain = 20});
    EXPECT_EQ(vector_of(parts.value), (std::vector<std::uint64_t>{0, 20, 1, 6}));
}

TEST_P(GatherOnEveryCrew, AppendsManyAtOnceAndWhatItHasAlready) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = gather<std::uint16_t>(pool, Range{0, 10},
                                              [](const Chunk&, Appender<std::uint16_t>& out) {
                                                  const std::vector<std::uint16_t> ones(10'000, 1);
                                                  out.append(ones);
                                                  out.append({});
                                                  EXPECT_EQ(out.size(), 10'000U);
                                              },
                                              {.grain = 1});
    EXPECT_EQ(vector_of(result.value), std::vector<std::uint16_t>(100'000, 1));
}

TEST_P(GatherOnEveryCrew, TakesTypesOfAnyAlignmentAndFlags) {
    struct alignas(64) Line {
        int value;
    };
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto lines = gather<Line>(pool, Range{0, 100},
                                    [](const Chunk& chunk, auto& out) {
                                        for (std::uint64_t i = 0; i < chunk.index % 3; ++i) {
                                            out.push_back(Line{static_cast<int>(chunk.index)});
                                        }
                                    },
                                    {.grain = 1});
    EXPECT_EQ(lines.value.size(), 99U);
    EXPECT_EQ(lines.value[98].value, 98);
    const auto flags = gather<bool>(
        pool, Range{0, 5}, [](const Chunk& c, auto& out) { out.push_back(c.index % 2 == 0); },
        {.grain = 1});
    EXPECT_EQ(vector_of(flags.value), (std::vector<bool>{true, false, true, false, true}));
}

TEST_P(GatherOnEveryCrew, JoinsStringsInAVector) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = gather<std::string>(
        pool, Range{0, 300},
        [](const Chunk& chunk, auto& out) {
            for (std::uint64_t i = 0; i < chunk.index % 4; ++i) {
                out.push_back(std::string(chunk.index, 'x') + std::to_string(i));
            }
        },
        {.grain = 1});
    ASSERT_EQ(result.value.size(), 450U);
    EXPECT_EQ(result.value[0], "x0");
    EXPECT_EQ(result.value[449], std::string(299, 'x') + "2");
}

TEST_P(GatherOnEveryCrew, FailsWithItsMapAndLeavesNothing) {
    Pool pool = testing::make_pool(GetParam(), 2);
    for (int round = 0; round < 3; ++round) {
        EXPECT_THROW(gather<std::uint64_t>(pool, Range{0, 1000},
                                           [](const Chunk& chunk, auto& out) {
                                               append_some(chunk, out);
                                               if (chunk.index == 700) {
                                                   throw std::domain_error("no");
                                               }
                                           },
                                           {.grain = 1}),
                     JobFailed);
        EXPECT_EQ(left_in(pool), 0U);
    }
}

TEST_P(GatherOnEveryCrew, LeavesOutWhatASkippedChunkAppended) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = gather<std::uint64_t>(pool, Range{0, 100},
                                              [](const Chunk& chunk, auto& out) {
                                                  out.push_back(chunk.index);
                                                  if (chunk.index % 2 == 1) {
                                                      throw std::domain_error("odd");
                                                  }
                                              },
                                              {.grain = 1, .on_poison = OnPoison::skip});
    EXPECT_EQ(result.value.size(), 50U);
    EXPECT_EQ(result.value[49], 98U);
}

TEST_P(GatherOnEveryCrew, NamesTheSizesWhenTheArrayHasNoRoom) {
    Pool pool(
        {.crew = GetParam(), .workers = 2, .pin = "none", .arena_bytes = std::size_t{32} << 20});
    const auto gather_bytes = [&](std::uint64_t chunks) {
        return gather<char>(pool, Range{0, chunks},
                            [](const Chunk&, auto& out) {
                                const std::vector<char> part(100'000, 'x');
                                out.append(part);
                            },
                            {.grain = 1, .look_ahead = 4})
            .value.size();
    };
    EXPECT_EQ(gather_bytes(100), 10'000'000U);
    try {
        gather_bytes(1000);
        ADD_FAILURE() << "it had room for more than there is";
    } catch (const std::system_error& error) {
        EXPECT_EQ(error.code(), std::errc::not_enough_memory);
        EXPECT_NE(std::string(error.what()).find("its reservation"), std::string::npos);
    }
    EXPECT_EQ(gather_bytes(100), 10'000'000U) << "the pool works on";
}

TEST_P(GatherOnEveryCrew, RunsInsideMapsAndConsumers) {
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = gather<std::uint64_t>(
        pool, Range{0, 20},
        [](const Chunk& chunk, auto& out) {
            Pool inside;
            out.push_back(1);
            const auto inner =
                gather<std::uint64_t>(inside, Range{0, chunk.index}, append_some, {.grain = 1});
            out.push_back(vector_of(inner.value) == expected_of(chunk.index) ? 1 : 0);
        },
        {.grain = 1});
    EXPECT_EQ(vector_of(result.value), std::vector<std::uint64_t>(40, 1));
}

TEST_P(GatherOnEveryCrew, IsComparedByARehearsal) {
    struct Padded {
        char letter;
        double number;
        bool operator==(const Padded&) const = default;
    };
    Pool pool = testing::make_pool(GetParam(), 2);
    const auto result = gather<Padded>(pool, Range{0, 100},
                                       [](const Chunk& chunk, auto& out) {
                                           Padded padded;
                                           padded.letter = 'a';
                                           padded.number = static_cast<double>(chunk.index);
                                           out.push_back(padded);
                                       },
                                       {.grain = 1, .rehearse = true});
    EXPECT_EQ(result.value.size(), 100U);
    EXPECT_THROW(gather<int>(pool, Range{0, 100},
                             [](const Chunk&, auto& out) {
                                 static std::atomic<int> calls = 0;
                                 out.push_back(calls++);
                             },
                             {.grain = 1, .rehearse = true}),
                 NotRepeatable);
}

INSTANTIATE_TEST_SUITE_P(Gather, GatherOnEveryCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

using GatherOfProcesses = testing::NothingLeft;

struct Killer {
    std::atomic<int>* deaths_left;
    std::uint64_t every;

    void operator()(const Chunk& chunk, Appender<std::uint64_t>& out) const {
        append_some(chunk, out);
        if (chunk.index % every == every - 1 && deaths_left->fetch_sub(1) > 0) {
            kill(getpid(), SIGKILL);
        }
    }
};

TEST_F(GatherOfProcesses, LosesAndDoublesNothingWhenWorkersAreKilled) {
    testing::Shared<std::atomic<int>> deaths_left;
    Pool pool = testing::make_pool(Crew::processes, 3);
    const auto expected = expected_of(1000);
    for (std::uint64_t round = 0; round < 20; ++round) {
        *deaths_left = 3;
        {
            const auto result = gather<std::uint64_t>(
                pool, Range{0, 1000}, trust(Killer{deaths_left.get(), 31 + 13 * round}),
                {.grain = 1, .max_attempts = 9, .look_ahead = 1 + 9 * round});
            EXPECT_EQ(vector_of(result.value), expected);
            EXPECT_EQ(result.report.deaths, 3U);
        }
        EXPECT_EQ(left_in(pool), 0U);
    }
}

TEST_F(GatherOfProcesses, FailsWhenTheHeapHasNoRoomForOneChunk) {
    Pool pool({.crew = Crew::processes,
               .workers = 2,
               .pin = "none",
               .arena_bytes = std::size_t{8} << 20});
    try {
        gather<char>(pool, Range{0, 10},
                     [](const Chunk&, auto& out) {
                         const std::vector<char> part(100'000'000, 'x');
                         out.append(part);
                     },
                     {.grain = 1});
        ADD_FAILURE() << "it had room for more than there is";
    } catch (const JobFailed& failure) {
        EXPECT_NE(std::string(failure.what()).find("100000000 bytes"), std::string::npos)
            << failure.what();
    }
    EXPECT_EQ(gather<int>(pool, Range{0, 10}, [](const Chunk&, auto& out) { out.push_back(1); })
                  .value.size(),
              10U);
}

}  // namespace
}  // namespace pinfold

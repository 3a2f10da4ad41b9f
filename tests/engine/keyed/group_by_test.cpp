// All values of each key, in the order of the input, against brute force.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <pinfold/engine/inputs/lines.hpp>
#include <pinfold/engine/inputs/split_words.hpp>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "job/left_in.hpp"
#include "keyed/keyed_bytes.hpp"
#include "keyed/texts.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::bytes_of;
using testing::left_in;

class GroupsOnEachCrew : public testing::OnEachCrew {
  protected:
    void TearDown() override {
        EXPECT_EQ(left_in(pool), 0U);
        OnEachCrew::TearDown();
    }
};

/// Few keys with many values, and many with one.
std::uint32_t key_of(std::uint64_t k) {
    return static_cast<std::uint32_t>(k % 3 == 0 ? k : k % 17);
}

constexpr auto emit_by_key = [](const Chunk& chunk, auto& emit) {
    for (const auto k : chunk) {
        emit(key_of(k), k);
    }
};

using Lists = std::map<std::uint32_t, std::vector<std::uint64_t>>;

Lists lists_below(std::uint64_t n) {
    Lists lists;
    for (std::uint64_t k = 0; k < n; ++k) {
        lists[key_of(k)].push_back(k);
    }
    return lists;
}

TEST_P(GroupsOnEachCrew, HaveAllValuesInTheOrderOfTheInput) {
    for (const std::uint64_t n : {0U, 1U, 100U, 100'000U}) {
        for (const std::uint64_t grain : {777U, 0U}) {
            const auto groups = group_by<std::uint32_t, std::uint64_t>(
                pool, Range{0, n}, emit_by_key, {.grain = grain});
            EXPECT_EQ(groups.value.to_map(), lists_below(n));
        }
    }
}

TEST_P(GroupsOnEachCrew, FindEachKeyAndNoOther) {
    const auto result =
        group_by<std::uint32_t, std::uint64_t>(pool, Range{0, 3000}, emit_by_key, {.grain = 200});
    const auto& groups = result.value;
    const Lists expected = lists_below(3000);
    ASSERT_EQ(groups.size(), expected.size());
    std::size_t seen = 0;
    for (const auto& [key, values] : groups) {
        EXPECT_EQ(std::vector<std::uint64_t>(values.begin(), values.end()), expected.at(key));
        ++seen;
    }
    EXPECT_EQ(seen, expected.size());
    auto next = expected.begin();
    for (const auto& [key, values] : groups.sorted()) {
        EXPECT_EQ(key, next->first);
        const std::span<const std::uint64_t> found = groups.find(key);
        EXPECT_EQ(std::vector<std::uint64_t>(found.begin(), found.end()), next->second);
        ++next;
    }
    EXPECT_TRUE(groups.find(3001).empty());
}

/// A reverse index: the lines of each word.
TEST_P(GroupsOnEachCrew, OfWordsAreAReverseIndex) {
    const std::string text = testing::book(5000);
    const auto array = pool.array(text);
    const auto index = group_by(pool, Lines(array),
                                [](const ChunkLines& lines, auto& emit) {
                                    for (auto line = lines.begin(); line != lines.end(); ++line) {
                                        for (const std::string_view word : words(*line)) {
                                            emit(word, line.offset());
                                        }
                                    }
                                },
                                {.grain = 1500});
    std::map<std::string, std::vector<std::uint64_t>> expected;
    std::istringstream in(text);
    std::uint64_t offset = 0;
    for (std::string line; std::getline(in, line); offset += line.size() + 1) {
        std::istringstream of_line(line);
        for (std::string word; of_line >> word;) {
            expected[word].push_back(offset);
        }
    }
    EXPECT_EQ(index.value.to_map(), expected);
}

TEST_P(GroupsOnEachCrew, MayBeOneAlone) {
    const auto groups =
        group_by<std::string, double>(pool, Range{0, 30'000},
                                      [](const Chunk& chunk, auto& emit) {
                                          for (const auto k : chunk) {
                                              emit("all", static_cast<double>(k) / 2);
                                          }
                                      },
                                      {.grain = 1000});
    ASSERT_EQ(groups.value.size(), 1U);
    const std::span<const double> all = groups.value.find("all");
    ASSERT_EQ(all.size(), 30'000U);
    for (std::size_t k = 0; k < all.size(); ++k) {
        ASSERT_EQ(all[k], static_cast<double>(k) / 2);
    }
}

using Place = std::pair<std::string, int>;

TEST_P(GroupsOnEachCrew, MayHaveKeysThatCross) {
    const auto groups = group_by<Place, std::uint32_t>(
        pool, Range{0, 5000},
        [](const Chunk& chunk, auto& emit) {
            for (const auto k : chunk) {
                emit(Place(std::string(k % 40, 's'), static_cast<int>(k % 3)),
                     static_cast<std::uint32_t>(k));
            }
        },
        {.grain = 300});
    std::map<Place, std::vector<std::uint32_t>> expected;
    for (std::uint64_t k = 0; k < 5000; ++k) {
        expected[Place(std::string(k % 40, 's'), static_cast<int>(k % 3))].push_back(
            static_cast<std::uint32_t>(k));
    }
    EXPECT_EQ(groups.value.to_map(), expected);
}

TEST_P(GroupsOnEachCrew, FailWithTheirMapAndLeaveNothing) {
    EXPECT_THROW((group_by<std::uint32_t, std::uint64_t>(pool, Range{0, 10'000},
                                                         [](const Chunk& chunk, auto& emit) {
                                                             emit_by_key(chunk, emit);
                                                             if (chunk.index == 70) {
                                                                 throw std::domain_error("no");
                                                             }
                                                         },
                                                         {.grain = 100})),
                 JobFailed);
    EXPECT_EQ(left_in(pool), 0U);
}

INSTANTIATE_TEST_SUITE_P(Crews, GroupsOnEachCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

class GroupsOfProcesses : public testing::NothingLeft {};

/// A chunk that starts again, in the middle of what it emits, adds no value twice.
TEST_F(GroupsOfProcesses, LoseAndDoubleNothingWhenWorkersAreKilled) {
    Pool serial = testing::make_pool(Crew::serial, 1);
    const auto expected = group_by<std::uint32_t, std::uint64_t>(serial, Range{0, 50'000},
                                                                 emit_by_key, {.grain = 500});
    for (int workers = 1; workers <= 3; ++workers) {
        Pool pool = testing::make_pool(Crew::processes, workers);
        {
            const auto deaths_left = pool.array<int>(1);
            deaths_left[0] = 5;
            const auto groups = group_by<std::uint32_t, std::uint64_t>(
                pool, Range{0, 50'000},
                [deaths_left](const Chunk& chunk, auto& emit) {
                    for (const auto k : chunk) {
                        emit(key_of(k), k);
                        if (k % 3001 == 250 && std::atomic_ref(deaths_left[0]).fetch_sub(1) > 0) {
                            kill(getpid(), SIGKILL);
                        }
                    }
                },
                {.grain = 500, .max_attempts = 9});
            EXPECT_EQ(groups.report.deaths, 5U);
            EXPECT_EQ(bytes_of(groups.value), bytes_of(expected.value));
        }
        EXPECT_EQ(left_in(pool), 0U);
    }
}

TEST_F(GroupsOfProcesses, ThatHaveNoRoomAreToldByTheirFigures) {
    Pool pool({.crew = Crew::processes,
               .workers = 2,
               .pin = "none",
               .arena_bytes = std::size_t{24} << 20});
    const auto grouped = [&](std::uint64_t n) {
        return group_by<std::uint64_t, std::uint64_t>(pool, Range{0, n},
                                                      [](const Chunk& chunk, auto& emit) {
                                                          for (const auto k : chunk) {
                                                              emit(k % 100, k);
                                                          }
                                                      },
                                                      {.grain = 10'000})
            .value.size();
    };
    EXPECT_THROW(grouped(8'000'000), TooManyKeys);
    EXPECT_EQ(left_in(pool), 0U);
    EXPECT_EQ(grouped(50'000), 100U) << "the pool works on";
    EXPECT_EQ(left_in(pool), 0U);
}

}  // namespace
}  // namespace pinfold

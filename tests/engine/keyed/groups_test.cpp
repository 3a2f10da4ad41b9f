// group_by on each crew, against std::map.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <vector>

#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::OnEachCrew;

class GroupsOf : public OnEachCrew {};

INSTANTIATE_TEST_SUITE_P(Crews, GroupsOf,
                         ::testing::Values(Crew::serial, Crew::threads, Crew::processes));

/// Few keys that come often, and many that come once.
std::string key_of(std::uint64_t k) {
    const std::uint64_t x = k * 0x9e3779b97f4a7c15U >> 33U;
    return k % 2 == 0 ? "key " + std::to_string(x % 20)
                      : "a key that does not lie in its row " + std::to_string(x);
}

TEST_P(GroupsOf, HaveTheValuesOfEachKeyInOrder) {
    constexpr std::uint64_t count = 300'000;
    const auto groups = group_by(pool, Range{0, count},
                                 [](const Chunk& chunk, auto& emit) {
                                     for (const std::uint64_t k : chunk) {
                                         emit(key_of(k), k);
                                     }
                                 },
                                 {.grain = 7000});
    std::map<std::string, std::vector<std::uint64_t>> expected;
    for (std::uint64_t k = 0; k < count; ++k) {
        expected[key_of(k)].push_back(k);
    }
    EXPECT_EQ(groups.value.size(), expected.size());
    EXPECT_EQ(groups.value.to_map(), expected);
    const auto found = groups.value.find("key 7");
    EXPECT_EQ(std::vector<std::uint64_t>(found.begin(), found.end()), expected.at("key 7"));
    EXPECT_TRUE(groups.value.find("no key").empty());
    EXPECT_EQ(groups.value.sorted().front().key, expected.begin()->first);
}

TEST_P(GroupsOf, AreMergedInManyRounds) {
    // 3 * 10^6 rows of 24 bytes and values of 8 are several times a round.
    constexpr std::uint64_t count = 3'000'000;
    const auto groups = group_by<std::uint64_t, std::uint64_t>(
        pool, Range{0, count}, [](const Chunk& chunk, auto& emit) {
            for (const std::uint64_t k : chunk) {
                emit(k * 0x9e3779b97f4a7c15U % 1'000'003, k);
            }
        });
    std::uint64_t values = 0;
    for (const auto& [key, group] : groups.value) {
        values += group.size();
        for (std::size_t i = 0; i < group.size(); ++i) {
            ASSERT_EQ(group[i] * 0x9e3779b97f4a7c15U % 1'000'003, key);
            ASSERT_TRUE(i == 0 || group[i - 1] < group[i]);
        }
    }
    EXPECT_EQ(values, count);
}

TEST_P(GroupsOf, HaveValuesThatCrossAsMessages) {
    const auto groups = group_by<int, std::string>(
        pool, Range{0, 1000},
        [](const Chunk& chunk, auto& emit) {
            for (const std::uint64_t k : chunk) {
                emit(static_cast<int>(k % 10), std::string(k % 50, 'y') + std::to_string(k));
            }
        },
        {.grain = 33});
    std::map<int, std::vector<std::string>> expected;
    for (std::uint64_t k = 0; k < 1000; ++k) {
        expected[static_cast<int>(k % 10)].push_back(std::string(k % 50, 'y') + std::to_string(k));
    }
    EXPECT_EQ(groups.value.to_map(), expected);
    EXPECT_EQ(groups.value.find(3), expected.at(3));
}

}  // namespace
}  // namespace pinfold

// Keyed jobs on each crew, against std::map.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <pinfold/engine/inputs/lines.hpp>
#include <pinfold/engine/inputs/words.hpp>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::OnEachCrew;

class KeyedTables : public OnEachCrew {};

INSTANTIATE_TEST_SUITE_P(Crews, KeyedTables,
                         ::testing::Values(Crew::serial, Crew::threads, Crew::processes));

std::uint64_t mixed(std::uint64_t x) {
    x = (x ^ (x >> 31U)) * 0x9e3779b97f4a7c15U;
    return x ^ (x >> 29U);
}

/// Words of one to forty letters, a few of them often.
std::string some_text(std::size_t words) {
    std::string text;
    for (std::size_t i = 0; i < words; ++i) {
        const std::uint64_t x = mixed(i);
        const std::uint64_t number = x % 3 == 0 ? x / 3 % 10 : x / 3 % 5000;
        text.append(1 + number % 40, static_cast<char>('a' + number % 26));
        text += std::to_string(number);
        text += i % 11 == 0 ? '\n' : ' ';
    }
    return text;
}

template <typename Use>
void for_each_word(std::string_view text, const Use& use) {
    std::size_t begin = 0;
    while ((begin = text.find_first_not_of(" \n", begin)) != std::string_view::npos) {
        const std::size_t end = std::min(text.find_first_of(" \n", begin), text.size());
        use(text.substr(begin, end - begin));
        begin = end;
    }
}

std::map<std::string, std::uint64_t> counts_of(std::string_view text) {
    std::map<std::string, std::uint64_t> counts;
    for_each_word(text, [&](std::string_view word) { ++counts[std::string(word)]; });
    return counts;
}

constexpr auto count_words = [](std::string_view text, auto& emit) {
    for_each_word(text, [&](std::string_view word) { emit(word, 1); });
};

TEST_P(KeyedTables, CountWordsOfLines) {
    const std::string text = some_text(200'000);
    const auto shared = pool.array(text);
    for (const std::uint64_t grain : {0U, 1000U, 70'000U}) {
        const auto counts =
            map_reduce_by_key(pool, Lines(shared), count_words, std::plus<>{}, {.grain = grain});
        EXPECT_EQ(counts.value.to_map(), counts_of(text)) << grain;
    }
}

TEST_P(KeyedTables, AreFoundByEachKey) {
    const std::string text = some_text(20'000);
    const auto counts =
        map_reduce_by_key(pool, Words(pool.array(text)), count_words, std::plus<>{});
    const auto expected = counts_of(text);
    EXPECT_EQ(counts.value.size(), expected.size());
    for (const auto& [word, count] : expected) {
        const std::uint64_t* const found = counts.value.find(word);
        ASSERT_NE(found, nullptr) << word;
        EXPECT_EQ(*found, count);
    }
    EXPECT_FALSE(counts.value.contains("no such word"));
    EXPECT_FALSE(counts.value.contains(""));
    EXPECT_THROW(static_cast<void>(counts.value.at("no such word")), std::out_of_range);
}

TEST_P(KeyedTables, SumNumbersByNumbers) {
    const auto sums = map_reduce_by_key<std::uint32_t, double>(
        pool, Range{0, 1'000'000},
        [](const Chunk& chunk, auto& emit) {
            for (const std::uint64_t k : chunk) {
                emit(static_cast<std::uint32_t>(mixed(k) % 50'000), static_cast<double>(k));
            }
        },
        std::plus<>{});
    std::map<std::uint32_t, double> expected;
    for (std::uint64_t k = 0; k < 1'000'000; ++k) {
        expected[static_cast<std::uint32_t>(mixed(k) % 50'000)] += static_cast<double>(k);
    }
    EXPECT_EQ(sums.value.to_map(), expected);
}

TEST_P(KeyedTables, AreSortedAndHaveATop) {
    const auto table = map_reduce_by_key<int, int>(
        pool, Range{0, 1000},
        [](const Chunk& chunk, auto& emit) {
            for (const std::uint64_t k : chunk) {
                emit(static_cast<int>(k % 7), 1);
            }
        },
        std::plus<>{});
    const auto sorted = table.value.sorted();
    ASSERT_EQ(sorted.size(), 7U);
    EXPECT_EQ(sorted[0].key, 0);
    EXPECT_EQ(sorted[0].value, 143);
    const auto top = table.value.top(3);
    ASSERT_EQ(top.size(), 3U);
    EXPECT_EQ(top[0].key, 0);
    EXPECT_EQ(top[2].key, 2);
    EXPECT_EQ(table.value.top(6)[5].key, 5);
    EXPECT_EQ(table.value.top(100).size(), 7U);
    EXPECT_TRUE(table.value.top(0).empty());
}

TEST_P(KeyedTables, HaveKeysAndValuesThatCrossAsMessages) {
    using Key = std::pair<std::string, int>;
    const auto table = map_reduce_by_key<Key, std::string>(
        pool, Range{0, 3000},
        [](const Chunk& chunk, auto& emit) {
            for (const std::uint64_t k : chunk) {
                emit(Key(std::string(k % 40, 'x'), static_cast<int>(k % 3)), std::to_string(k));
            }
        },
        [](std::string a, const std::string& b) { return a + "," + b; }, {.grain = 100});
    std::map<Key, std::string> expected;
    for (std::uint64_t k = 0; k < 3000; ++k) {
        std::string& value = expected[Key(std::string(k % 40, 'x'), static_cast<int>(k % 3))];
        value += (value.empty() ? "" : ",") + std::to_string(k);
    }
    EXPECT_EQ(table.value.to_map(), expected);
    EXPECT_EQ(table.value.find(Key("x", 1)), expected.at(Key("x", 1)));
    EXPECT_FALSE(table.value.find(Key("x", 7)).has_value());
}

TEST_P(KeyedTables, TakeAJobBeforeTheMap) {
    const auto numbers = pool.array(std::vector<int>{5, 3, 5, 9, 3, 5});
    const auto table = map_reduce_by_key<int, int>(
        pool, numbers, 10,
        [](const int& factor, std::span<const int> elements, auto& emit) {
            for (const int x : elements) {
                emit(x, factor);
            }
        },
        std::plus<>{}, {.grain = 2});
    EXPECT_EQ(table.value.to_map(), (std::map<int, int>{{3, 20}, {5, 30}, {9, 10}}));
}

TEST_P(KeyedTables, OfNothingAreEmpty) {
    const auto table = map_reduce_by_key(
        pool, Range{0, 100}, [](const Chunk&, auto&) {}, std::plus<>{});
    EXPECT_TRUE(table.value.empty());
    EXPECT_EQ(table.value.begin(), table.value.end());
    EXPECT_EQ(table.value.find("x"), nullptr);
}

}  // namespace
}  // namespace pinfold

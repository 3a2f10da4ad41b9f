// Keys and values that are more than their bytes, and cross as messages.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "job/left_in.hpp"
#include "keyed/keyed_bytes.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::left_in;

class KeyedCrossing : public testing::OnEachCrew {
  protected:
    void TearDown() override {
        EXPECT_EQ(left_in(pool), 0U);
        OnEachCrew::TearDown();
    }

    template <typename Key, typename Value, typename Entry, typename Combine>
    auto reduce(std::uint64_t n, const Entry& entry, const Combine& combine) {
        return map_reduce_by_key<Key, Value>(pool, Range{0, n},
                                             [entry](const Chunk& chunk, auto& emit) {
                                                 for (const auto k : chunk) {
                                                     const auto [key, value] = entry(k);
                                                     emit(key, value);
                                                 }
                                             },
                                             combine, {.grain = 300})
            .value;
    }
};

/// What reduce() should give, one by one.
template <typename Key, typename Value, typename Entry, typename Combine>
std::map<Key, Value> expected_of(std::uint64_t n, const Entry& entry, const Combine& combine) {
    std::map<Key, Value> expected;
    for (std::uint64_t k = 0; k < n; ++k) {
        const std::pair<Key, Value> next = entry(k);
        const auto [at, is_new] = expected.emplace(next);
        if (!is_new) {
            at->second = combine(at->second, next.second);
        }
    }
    return expected;
}

using Place = std::pair<std::string, int>;

TEST_P(KeyedCrossing, KeysMayBePairsWithTexts) {
    const auto entry = [](std::uint64_t k) {
        return std::pair(Place("street " + std::to_string(k % 20), static_cast<int>(k % 7)), k);
    };
    const auto table = reduce<Place, std::uint64_t>(9000, entry, std::plus<>{});
    const auto expected = expected_of<Place, std::uint64_t>(9000, entry, std::plus<>{});
    EXPECT_EQ(table.to_map(), expected);
    EXPECT_EQ(table.at(Place("street 3", 5)), expected.at(Place("street 3", 5)));
    EXPECT_FALSE(table.contains(Place("street 3", 7)));
    EXPECT_TRUE(
        std::ranges::is_sorted(table.sorted(), {}, [](const auto& e) { return Place(e.key); }));
}

/// ("ab", "c") and ("a", "bc") are two keys.
TEST_P(KeyedCrossing, KeysOfTheSameLettersDifferByWhereTheyAreCut) {
    using Cut = std::pair<std::string, std::string>;
    const auto entry = [](std::uint64_t k) {
        const std::string letters = "abcdefgh";
        return std::pair(Cut(letters.substr(0, k % 9), letters.substr(k % 9)), k);
    };
    const auto table = reduce<Cut, std::uint64_t>(3600, entry, std::plus<>{});
    EXPECT_EQ(table.size(), 9U);
    EXPECT_EQ(table.to_map(), (expected_of<Cut, std::uint64_t>(3600, entry, std::plus<>{})));
}

struct Point {
    std::int32_t x, y;
    friend auto operator<=>(const Point&, const Point&) = default;
};

TEST_P(KeyedCrossing, KeysMayBeStructsOfNumbers) {
    const auto entry = [](std::uint64_t k) {
        return std::pair(Point{static_cast<std::int32_t>(k % 30) - 15, -static_cast<int>(k % 4)},
                         k);
    };
    const auto table = reduce<Point, std::uint64_t>(9000, entry, std::plus<>{});
    EXPECT_EQ(table.to_map(), (expected_of<Point, std::uint64_t>(9000, entry, std::plus<>{})));
    EXPECT_TRUE(table.contains({-15, 0}));
    EXPECT_FALSE(table.contains({16, 0}));
}

TEST_P(KeyedCrossing, KeysMayBeListsOfAnyLength) {
    using List = std::vector<std::string>;
    const auto entry = [](std::uint64_t k) {
        return std::pair(List(k % 5, std::string(k % 3 * 40, 'x')), k);
    };
    const auto table = reduce<List, std::uint64_t>(9000, entry, std::plus<>{});
    EXPECT_EQ(table.to_map(), (expected_of<List, std::uint64_t>(9000, entry, std::plus<>{})));
}

TEST_P(KeyedCrossing, ValuesMayBeVectors) {
    using List = std::vector<std::uint32_t>;
    const auto entry = [](std::uint64_t k) {
        return std::pair("key " + std::to_string(k % 60),
                         List(k % 3, static_cast<std::uint32_t>(k)));
    };
    const auto joined = [](List a, const List& b) {
        a.insert(a.end(), b.begin(), b.end());
        return a;
    };
    const auto table = reduce<std::string, List>(9000, entry, joined);
    const auto expected = expected_of<std::string, List>(9000, entry, joined);
    EXPECT_EQ(table.to_map(), expected);
    EXPECT_EQ(table.find("key 7"), expected.at("key 7"));
    EXPECT_FALSE(table.find("key 60"));
}

TEST_P(KeyedCrossing, KeysAndValuesMayBothBeTexts) {
    const auto entry = [](std::uint64_t k) {
        return std::pair(std::to_string(k % 100), std::to_string(k) + ",");
    };
    const auto table = reduce<std::string, std::string>(9000, entry, std::plus<>{});
    const auto expected = expected_of<std::string, std::string>(9000, entry, std::plus<>{});
    EXPECT_EQ(table.to_map(), expected);
    EXPECT_EQ(table.at("42"), expected.at("42"));
    const auto first = table.top(1, std::greater<>{});
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].value,
              "0,100,200,300,400,500,600,700,800,900,1000," + first[0].value.substr(43));
}

/// Some of a megabyte, so that they are no longer what a slot or a small block holds.
TEST_P(KeyedCrossing, ValuesMayGrowToMegabytes) {
    const auto entry = [](std::uint64_t k) {
        return std::pair(k % 3, std::string(10'000, static_cast<char>('a' + k % 26)));
    };
    const auto table = reduce<std::uint64_t, std::string>(600, entry, std::plus<>{});
    ASSERT_EQ(table.size(), 3U);
    const auto expected = expected_of<std::uint64_t, std::string>(600, entry, std::plus<>{});
    EXPECT_TRUE(table.to_map() == expected) << "a text of two megabytes differs";
}

struct Statistics {
    double sum;
    double least;
    std::uint64_t count;
    friend bool operator==(const Statistics&, const Statistics&) = default;
};

TEST_P(KeyedCrossing, ValuesMayBeStructsOfNumbersInPlace) {
    const auto entry = [](std::uint64_t k) {
        const auto x = static_cast<double>(k % 97);
        return std::pair(static_cast<std::int32_t>(k % 11), Statistics{x, x, 1});
    };
    const auto joined = [](const Statistics& a, const Statistics& b) {
        return Statistics{a.sum + b.sum, std::min(a.least, b.least), a.count + b.count};
    };
    const auto table = reduce<std::int32_t, Statistics>(9000, entry, joined);
    EXPECT_EQ(table.to_map(), (expected_of<std::int32_t, Statistics>(9000, entry, joined)));
    const Statistics* const found = table.find(4);
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->count, 818U);
}

TEST_P(KeyedCrossing, ValuesMayBeWiderThanACacheLine) {
    using Wide = std::array<std::uint64_t, 20>;
    const auto entry = [](std::uint64_t k) {
        Wide wide{};
        wide[k % 20] = k;
        return std::pair(static_cast<std::uint8_t>(k % 7), wide);
    };
    const auto joined = [](Wide a, const Wide& b) {
        for (std::size_t i = 0; i < a.size(); ++i) {
            a[i] += b[i];
        }
        return a;
    };
    const auto table = reduce<std::uint8_t, Wide>(9000, entry, joined);
    EXPECT_EQ(table.to_map(), (expected_of<std::uint8_t, Wide>(9000, entry, joined)));
}

INSTANTIATE_TEST_SUITE_P(Crews, KeyedCrossing, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold

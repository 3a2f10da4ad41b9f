// Keys that were chosen to collide under the fixed hash, which anybody can read: a table goes on
// with the seed of its job, and stays linear.
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <functional>
#include <map>
#include <pinfold/engine/keyed/keyed.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "job/left_in.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using detail::ByteKey;
using detail::fixed_seed;
using testing::left_in;

std::string bytes_of_word(std::uint64_t word) {
    std::string bytes(sizeof word, '\0');
    std::memcpy(bytes.data(), &word, sizeof word);
    return bytes;
}

/// The first eight characters cancel the seed, so that a product is 0, whatever the others are.
std::string short_key(std::uint64_t k) {
    return bytes_of_word(fixed_seed.a) + bytes_of_word(k).substr(0, 7);
}

/// The last eight do.
std::string long_key(std::uint64_t k) {
    return "a key of any length, " + bytes_of_word(k) + bytes_of_word(fixed_seed.b);
}

struct TwoWords {
    std::uint64_t first, second;
};

TwoWords number_key(std::uint64_t k) {
    return {fixed_seed.a, k};
}

TEST(CollidingKeys, AllHaveTheSameHash) {
    for (std::uint64_t k = 0; k < 1000; ++k) {
        ASSERT_EQ(ByteKey::of(short_key(k)).hash(fixed_seed), 0U);
        ASSERT_EQ(ByteKey::of(long_key(k)).hash(fixed_seed), 0U);
        ASSERT_EQ(detail::PlainKeys<TwoWords>::hash(number_key(k), fixed_seed), 0U);
    }
}

// ---- how often a table compares

/// Those of strings, which count how often two of them are compared.
struct CountedKeys : detail::StringKeys {
    static inline std::uint64_t comparisons = 0;
    static bool are_same(const ByteKey& a, const ByteKey& b) {
        ++comparisons;
        return a == b;
    }
};

/// Comparisons of adding each of the keys twice.
std::uint64_t comparisons_of(const std::vector<std::string>& keys, const detail::HashSeed& seed) {
    detail::CombiningTable<CountedKeys, detail::PlainValues<int>> table(seed);
    table.begin_chunk();
    CountedKeys::comparisons = 0;
    std::size_t rows = 0;
    for (int round = 0; round < 2; ++round) {
        for (const std::string& key : keys) {
            const ByteKey stored = CountedKeys::stored(key);
            table.add(stored, CountedKeys::hash(stored, fixed_seed), 1, std::plus<>{},
                      [&rows](const ByteKey& kept) {
                          ++rows;
                          return kept;
                      });
        }
    }
    EXPECT_EQ(rows, keys.size());
    return CountedKeys::comparisons;
}

TEST(CollidingKeys, AreComparedNoMoreOftenThanOthers) {
    constexpr std::uint64_t n = 3000;
    constexpr detail::HashSeed secret{0x0123456789abcdef, 0xfedcba9876543211};
    for (const auto& key_of : {short_key, long_key}) {
        std::vector<std::string> keys;
        for (std::uint64_t k = 0; k < n; ++k) {
            keys.push_back(key_of(k));
        }
        // Until the table goes on with its seed each key is compared with all those before it.
        constexpr std::uint64_t before = detail::longest_probe * detail::longest_probe;
        EXPECT_LT(comparisons_of(keys, secret), before + 2 * n);
        // A seed that the chooser knew would not help.
        EXPECT_GT(comparisons_of(keys, fixed_seed), n * n / 2);
    }
}

// ---- on each crew

class CollidingKeysOnEachCrew : public testing::OnEachCrew {
  protected:
    void TearDown() override {
        EXPECT_EQ(left_in(pool), 0U);
        OnEachCrew::TearDown();
    }

    /// Each of 5000 keys six times, in chunks that have each a part of them, or all.
    template <typename Key, typename KeyOf>
    void expect_counted(const KeyOf& key_of, std::uint64_t grain) {
        constexpr std::uint64_t keys = 5000;
        const auto counts = map_reduce_by_key<Key>(pool, Range{0, 6 * keys},
                                                   [key_of](const Chunk& chunk, auto& emit) {
                                                       for (const auto k : chunk) {
                                                           emit(key_of(k % keys), 1);
                                                       }
                                                   },
                                                   std::plus<>{}, {.grain = grain});
        ASSERT_EQ(counts.value.size(), keys);
        for (std::uint64_t k = 0; k < keys; ++k) {
            ASSERT_EQ(counts.value.at(key_of(k)), 6U);
        }
        EXPECT_FALSE(counts.value.contains(key_of(keys)));
    }
};

TEST_P(CollidingKeysOnEachCrew, CountAsOftenAsTheyCame) {
    for (const std::uint64_t grain : {999U, 30'000U}) {
        expect_counted<std::string>([](std::uint64_t k) { return short_key(k); }, grain);
        expect_counted<std::string>([](std::uint64_t k) { return long_key(k); }, grain);
        expect_counted<TwoWords>([](std::uint64_t k) { return number_key(k); }, grain);
    }
}

TEST_P(CollidingKeysOnEachCrew, AreGroupedInTheOrderOfTheInput) {
    const auto groups = group_by<std::string, std::uint64_t>(pool, Range{0, 20'000},
                                                             [](const Chunk& chunk, auto& emit) {
                                                                 for (const auto k : chunk) {
                                                                     emit(short_key(k % 2000), k);
                                                                 }
                                                             },
                                                             {.grain = 1500});
    std::map<std::string, std::vector<std::uint64_t>> expected;
    for (std::uint64_t k = 0; k < 20'000; ++k) {
        expected[short_key(k % 2000)].push_back(k);
    }
    EXPECT_EQ(groups.value.to_map(), expected);
}

/// The seed is another one in each job, and the order of keys may not tell it.
TEST_P(CollidingKeysOnEachCrew, LieInTheOrderInWhichTheyCame) {
    const auto counts = map_reduce_by_key(pool, Range{0, 20'000},
                                          [](const Chunk& chunk, auto& emit) {
                                              for (const auto k : chunk) {
                                                  emit(short_key(k % 3000), 1);
                                              }
                                          },
                                          std::plus<>{}, {.grain = 1500});
    std::uint64_t next = 0;
    for (const auto& [key, count] : counts.value) {
        ASSERT_EQ(key, short_key(next++));
    }
    EXPECT_EQ(next, 3000U);
}

INSTANTIATE_TEST_SUITE_P(Crews, CollidingKeysOnEachCrew, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold

// Keys that nobody expects: each counts as often as it came.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <pinfold/engine/inputs/split_words.hpp>
#include <pinfold/engine/inputs/words.hpp>
#include <pinfold/engine/keyed/keyed.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "job/left_in.hpp"
#include "keyed/texts.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::Counts;
using testing::left_in;

class HostileKeys : public testing::OnEachCrew {
  protected:
    void TearDown() override {
        EXPECT_EQ(left_in(pool), 0U);
        OnEachCrew::TearDown();
    }

    /// How often each key of `key_of(k)` comes, of the first n numbers.
    template <typename Key, typename KeyOf>
    auto count(std::uint64_t n, std::uint64_t grain, const KeyOf& key_of) {
        return map_reduce_by_key<Key, std::uint64_t>(pool, Range{0, n},
                                                     [key_of](const Chunk& chunk, auto& emit) {
                                                         for (const auto k : chunk) {
                                                             emit(key_of(k), 1);
                                                         }
                                                     },
                                                     std::plus<>{}, {.grain = grain})
            .value;
    }
};

TEST_P(HostileKeys, MayAllBeEqual) {
    const auto one =
        count<std::string>(300'000, 20'000, [](std::uint64_t) { return std::string("same"); });
    EXPECT_EQ(one.to_map(), (Counts{{"same", 300'000}}));
    const auto zero = count<std::int64_t>(300'000, 20'000, [](std::uint64_t) { return 0; });
    ASSERT_EQ(zero.size(), 1U);
    EXPECT_EQ(zero.at(0), 300'000U);
}

TEST_P(HostileKeys, MayAllDiffer) {
    constexpr std::uint64_t n = 300'000;
    const auto table = count<std::uint64_t>(n, 20'000, [](std::uint64_t k) { return ~k; });
    ASSERT_EQ(table.size(), n);
    for (std::uint64_t k = 0; k < n; ++k) {
        ASSERT_TRUE(table.find(~k)) << k;
    }
    const auto texts = count<std::string>(
        n / 4, 5000, [](std::uint64_t k) { return std::string("key ") + std::to_string(k); });
    ASSERT_EQ(texts.size(), n / 4);
    for (std::uint64_t k = 0; k < n / 4; ++k) {
        ASSERT_EQ(texts.at("key " + std::to_string(k)), 1U);
    }
}

/// A chunk's first keys are few, so that it combines, and then each is another one; and turned.
TEST_P(HostileKeys, MayChangeTheirKindInTheMiddleOfAChunk) {
    constexpr std::uint64_t n = 200'000;
    for (const bool few_first : {true, false}) {
        const auto key_of = [few_first](std::uint64_t k) {
            return (k < n / 2) == few_first ? k % 10 : 1000 + k;
        };
        std::map<std::uint64_t, std::uint64_t> expected;
        for (std::uint64_t k = 0; k < n; ++k) {
            ++expected[key_of(k)];
        }
        EXPECT_EQ(count<std::uint64_t>(n, n, key_of).to_map(), expected);
        EXPECT_EQ(count<std::uint64_t>(n, 30'000, key_of).to_map(), expected);
    }
}

TEST_P(HostileKeys, MayBeEmpty) {
    const auto table = count<std::string>(
        10'000, 999, [](std::uint64_t k) { return std::string(k % 3 == 0 ? 0 : 1, 'x'); });
    EXPECT_EQ(table.to_map(), (Counts{{"", 3334}, {"x", 6666}}));
    EXPECT_EQ(table.at(""), 3334U);
    EXPECT_EQ(count<std::string>(10, 3, [](std::uint64_t) { return std::string_view(); }).to_map(),
              (Counts{{"", 10}}));
}

TEST_P(HostileKeys, MayHaveAMegabyteEach) {
    constexpr std::size_t megabyte = std::size_t{1} << 20;
    const auto key_of = [](std::uint64_t k) {
        std::string key(megabyte, 'm');  // they differ in their last letter alone
        key.back() = static_cast<char>('a' + k % 12);
        return key;
    };
    const auto table = count<std::string>(60, 7, key_of);
    ASSERT_EQ(table.size(), 12U);
    for (std::uint64_t k = 0; k < 12; ++k) {
        EXPECT_EQ(table.at(key_of(k)), 5U);
    }
    EXPECT_FALSE(table.contains(std::string(megabyte, 'm')));
    EXPECT_GE(table.bytes(), 12 * megabyte);
}

/// Some are views of the input, which need not be copied while they are counted.
TEST_P(HostileKeys, MayBeAMegabyteOfTheInput) {
    std::string text;
    for (int i = 0; i < 12; ++i) {
        text += std::string(300'000, static_cast<char>('a' + i % 5)) + ' ';
    }
    const auto array = pool.array(text);
    const auto table = map_reduce_by_key(pool, Words(array),
                                         [](std::string_view part, auto& emit) {
                                             for (const std::string_view word : words(part)) {
                                                 emit(word, 1);
                                             }
                                         },
                                         std::plus<>{}, {.grain = 100'000});
    EXPECT_EQ(table.value.to_map(), testing::counts_of(text));
}

TEST_P(HostileKeys, MayBeAnyBytes) {
    const auto key_of = [](std::uint64_t k) {
        std::string key = "\xff\xfe";
        key += static_cast<char>(k % 256);
        key += '\0';
        key += static_cast<char>(k / 256 % 4);
        return key.substr(k % 2);
    };
    Counts expected;
    for (std::uint64_t k = 0; k < 20'000; ++k) {
        ++expected[key_of(k)];
    }
    EXPECT_EQ(count<std::string>(20'000, 1111, key_of).to_map(), expected);
}

/// "", "\0" and "\0\0" are three keys: a length counts, and not only what its bytes are.
TEST_P(HostileKeys, OfNullsDifferByTheirLengths) {
    const auto table =
        count<std::string>(40'000, 999, [](std::uint64_t k) { return std::string(k % 40, '\0'); });
    ASSERT_EQ(table.size(), 40U);
    for (std::size_t length = 0; length < 40; ++length) {
        EXPECT_EQ(table.at(std::string(length, '\0')), 1000U);
    }
}

TEST_P(HostileKeys, OfFloatingPointAreOneForEachNumber) {
    const auto key_of = [](std::uint64_t k) {
        switch (k % 6) {
            case 0:
                return 0.0;
            case 1:
                return -0.0;
            case 2:
                return std::numeric_limits<double>::quiet_NaN();
            case 3:
                return -std::nan("77");
            case 4:
                return std::numeric_limits<double>::infinity();
            default:
                return std::numeric_limits<double>::denorm_min();
        }
    };
    const auto table = count<double>(6000, 100, key_of);
    ASSERT_EQ(table.size(), 4U);
    EXPECT_EQ(table.at(0.0), 2000U);
    EXPECT_EQ(table.at(-0.0), 2000U);
    EXPECT_EQ(table.at(std::nan("5")), 2000U);
    EXPECT_EQ(table.at(std::numeric_limits<double>::infinity()), 1000U);
    EXPECT_EQ(table.at(std::numeric_limits<double>::denorm_min()), 1000U);
    const auto narrow = count<float>(6000, 100, [key_of](std::uint64_t k) {
        return k % 6 == 5 ? 1.0F : static_cast<float>(key_of(k));
    });
    ASSERT_EQ(narrow.size(), 4U);
    EXPECT_EQ(narrow.at(-0.0F), 2000U);
    EXPECT_EQ(narrow.at(std::nanf("")), 2000U);
}

/// NaN has no place in an order by <, so that std::map and std::sort would lose other keys.
TEST_P(HostileKeys, ThatAreNoNumberComeLastAndGoIntoNoMap) {
    const auto table = count<double>(1000, 64, [](std::uint64_t k) {
        return k % 100 == 0 ? std::nan("") : static_cast<double>(k % 100);
    });
    const auto sorted = table.sorted();
    ASSERT_EQ(sorted.size(), 100U);
    for (std::size_t i = 0; i < 99; ++i) {
        EXPECT_EQ(sorted[i].key, static_cast<double>(i + 1));
    }
    EXPECT_TRUE(std::isnan(sorted[99].key));
    const auto top = table.top(100);  // all values are the same
    ASSERT_EQ(top.size(), 100U);
    EXPECT_EQ(top[0].key, 1.0);
    EXPECT_TRUE(std::isnan(top[99].key));
    EXPECT_THROW((void)table.to_map(), std::domain_error);
}

TEST_P(HostileKeys, AreTheEndsOfTheirTypes) {
    using Limits = std::numeric_limits<std::int64_t>;
    const auto key_of = [](std::uint64_t k) {
        return k % 3 == 0 ? Limits::min() : k % 3 == 1 ? Limits::max() : std::int64_t{-1};
    };
    const auto table = count<std::int64_t>(3000, 100, key_of);
    ASSERT_EQ(table.size(), 3U);
    EXPECT_EQ(table.at(Limits::min()), 1000U);
    EXPECT_EQ(table.at(Limits::max()), 1000U);
    EXPECT_EQ(table.at(-1), 1000U);
    enum class Letter : char { a = 'a', z = 'z' };
    const auto letters =
        count<Letter>(1000, 10, [](std::uint64_t k) { return k % 2 == 0 ? Letter::a : Letter::z; });
    EXPECT_EQ(letters.at(Letter::z), 500U);
    const auto flags = count<bool>(1000, 10, [](std::uint64_t k) { return k % 4 == 0; });
    EXPECT_EQ(flags.at(true), 250U);
    EXPECT_EQ(flags.at(false), 750U);
}

/// Multiples of powers of two, of which a plain table makes one row of collisions.
TEST_P(HostileKeys, MayShareTheirLowAndTheirHighBits) {
    for (const unsigned shift : {8U, 20U, 32U, 47U}) {
        const auto table = count<std::uint64_t>(
            60'000, 7000, [shift](std::uint64_t k) { return (k % 20'000) << shift; });
        ASSERT_EQ(table.size(), 20'000U);
        for (std::uint64_t k = 0; k < 20'000; ++k) {
            ASSERT_TRUE(table.find(k << shift));
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Crews, HostileKeys, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold

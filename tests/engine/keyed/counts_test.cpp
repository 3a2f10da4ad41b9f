// Values by key against std::map, of every kind of input.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <pinfold/engine/inputs/files.hpp>
#include <pinfold/engine/inputs/lines.hpp>
#include <pinfold/engine/inputs/records.hpp>
#include <pinfold/engine/inputs/split_words.hpp>
#include <pinfold/engine/inputs/words.hpp>
#include <pinfold/engine/keyed/keyed.hpp>
#include <pinfold/shm/crossing.hpp>
#include <span>
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

using testing::Counts;
using testing::left_in;

constexpr auto count_words = [](std::string_view text, auto& emit) {
    for (const std::string_view word : words(text)) {
        emit(word, 1);
    }
};

class KeyedCounts : public testing::OnEachCrew {
  protected:
    void TearDown() override {
        EXPECT_EQ(left_in(pool), 0U);
        OnEachCrew::TearDown();
    }
};

TEST_P(KeyedCounts, OfWordsAreThoseOfAMap) {
    const std::string text = testing::book(20'000);
    const Counts expected = testing::counts_of(text);
    const auto array = pool.array(text);
    for (const std::uint64_t grain : {1000U, 65'536U, 0U}) {
        const JobSettings by{.grain = grain};
        const auto of = [&](const auto& input) {
            return map_reduce_by_key(pool, input, count_words, std::plus<>{}, by).value.to_map();
        };
        EXPECT_EQ(of(Lines(array)), expected);
        EXPECT_EQ(of(Lines(array.span())), expected);
        EXPECT_EQ(of(Words(array)), expected);
        EXPECT_EQ(of(Records(array, '\n')), expected);
    }
}

TEST_P(KeyedCounts, OfTheWordsOfAFileAreThoseOfAMap) {
    const std::string text = testing::book(20'000, 2);
    const std::string path = std::filesystem::temp_directory_path() / "pinfold_keyed_counts_test";
    std::ofstream(path, std::ios::binary) << text;
    {
        const auto file = pool.file(path);
        const auto counts =
            map_reduce_by_key(pool, Lines(file), count_words, std::plus<>{}, {.grain = 5000});
        EXPECT_EQ(counts.value.to_map(), testing::counts_of(text));
        EXPECT_EQ(counts.report.deaths, 0U);
    }
    std::filesystem::remove(path);
}

/// The text of a chunk is whole pieces: no word is cut in two, whatever the grain.
TEST_P(KeyedCounts, CutNoWordAtAnyGrain) {
    const std::string text = testing::book(300, 3);
    const Counts expected = testing::counts_of(text);
    const auto array = pool.array(text);
    for (std::uint64_t grain = 1; grain < 40; grain += 3) {
        EXPECT_EQ(
            map_reduce_by_key(pool, Words(array), count_words, std::plus<>{}, {.grain = grain})
                .value.to_map(),
            expected);
    }
}

TEST_P(KeyedCounts, GiveAChunkBehindItsText) {
    const auto array = pool.array(testing::book(1000));
    const auto bytes = map_reduce_by_key<std::uint64_t, std::uint64_t>(
        pool, Lines(array),
        [](std::string_view text, const Chunk& chunk, auto& emit) {
            emit(chunk.index, text.size());
        },
        std::plus<>{}, {.grain = 3000});
    EXPECT_EQ(bytes.value.size(), bytes.report.chunks);
    std::uint64_t sum = 0;
    for (const auto& [chunk, size] : bytes.value) {
        EXPECT_LT(chunk, bytes.report.chunks);
        sum += size;
    }
    EXPECT_EQ(sum, array.size());
}

TEST_P(KeyedCounts, GiveThePiecesOfAChunk) {
    const std::string text = testing::book(2000);
    const auto array = pool.array(text);
    const auto lengths =
        map_reduce_by_key<std::uint32_t>(pool, Lines(array),
                                         [](const ChunkLines& lines, auto& emit) {
                                             for (const std::string_view line : lines) {
                                                 emit(static_cast<std::uint32_t>(line.size()), 1);
                                             }
                                         },
                                         std::plus<>{}, {.grain = 500});
    std::map<std::uint32_t, std::uint64_t> expected;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        ++expected[static_cast<std::uint32_t>(line.size())];
    }
    EXPECT_EQ(lengths.value.to_map(), expected);
}

constexpr auto emit_remainders = [](const Chunk& chunk, auto& emit) {
    for (const auto k : chunk) {
        emit(static_cast<std::int32_t>(k * k % 1009) - 500, k);
    }
};

std::map<std::int32_t, std::uint64_t> remainders_below(std::uint64_t n) {
    std::map<std::int32_t, std::uint64_t> expected;
    for (std::uint64_t k = 0; k < n; ++k) {
        expected[static_cast<std::int32_t>(k * k % 1009) - 500] += k;
    }
    return expected;
}

TEST_P(KeyedCounts, OfARangeAreThoseOfAMap) {
    for (const std::uint64_t n : {0U, 1U, 2U, 1000U, 200'000U}) {
        for (const std::uint64_t grain : {7777U, 0U}) {
            const auto sums = map_reduce_by_key<std::int32_t, std::uint64_t>(
                pool, Range{0, n}, emit_remainders, std::plus<>{}, {.grain = grain});
            EXPECT_EQ(sums.value.to_map(), remainders_below(n));
            EXPECT_EQ(sums.value.empty(), n == 0);
        }
    }
}

TEST_P(KeyedCounts, OfAnArrayAreThoseOfAMap) {
    const auto array = pool.array<std::uint16_t>(50'000);
    std::map<std::uint16_t, std::uint64_t> expected;
    for (std::size_t i = 0; i < array.size(); ++i) {
        array[i] = static_cast<std::uint16_t>(i * i);
        ++expected[array[i]];
    }
    const auto of_part = [](std::span<const std::uint16_t> part, auto& emit) {
        for (const std::uint16_t number : part) {
            emit(number, 1);
        }
    };
    const auto of_part_and_chunk = [of_part](std::span<const std::uint16_t> part,
                                             const Chunk& chunk, auto& emit) {
        if (part.size() == chunk.size()) {
            of_part(part, emit);
        }
    };
    EXPECT_EQ(map_reduce_by_key<std::uint16_t>(pool, array, of_part, std::plus<>{}, {.grain = 999})
                  .value.to_map(),
              expected);
    EXPECT_EQ(map_reduce_by_key<std::uint16_t>(pool, array.span(), of_part_and_chunk, std::plus<>{})
                  .value.to_map(),
              expected);
}

TEST_P(KeyedCounts, PassAJobToItsMap) {
    const std::vector<std::string> names{"fizz", "buzz", ""};
    const auto counts =
        map_reduce_by_key(pool, Range{0, 3000}, names,
                          [](const std::vector<std::string>& all, const Chunk& chunk, auto& emit) {
                              for (const auto k : chunk) {
                                  emit(all[k % all.size()], 1);  // a key that lies in the job
                              }
                          },
                          std::plus<>{}, {.grain = 70});
    EXPECT_EQ(counts.value.to_map(), (Counts{{"fizz", 1000}, {"buzz", 1000}, {"", 1000}}));
}

/// A map may use the memory of a key again as soon as it has emitted it.
TEST_P(KeyedCounts, KeepKeysThatTheMapOverwrites) {
    const auto counts =
        map_reduce_by_key(pool, Range{0, 10'000},
                          [](const Chunk& chunk, auto& emit) {
                              std::string key;
                              for (const auto k : chunk) {
                                  key.assign(1 + k % 50, static_cast<char>('a' + k % 7));
                                  emit(std::string_view(key), 1);
                                  key.assign(60, 'z');
                              }
                          },
                          std::plus<>{}, {.grain = 999});
    Counts expected;
    for (std::uint64_t k = 0; k < 10'000; ++k) {
        ++expected[std::string(1 + k % 50, static_cast<char>('a' + k % 7))];
    }
    EXPECT_EQ(counts.value.to_map(), expected);
}

/// Nor do keys that lie in the input need it once the table is there.
TEST_P(KeyedCounts, OutliveTheirInput) {
    KeyedTable<std::string, std::uint64_t> table;
    const std::string text = testing::book(3000);
    {
        const auto array = pool.array(text);
        table =
            map_reduce_by_key(pool, Lines(array), count_words, std::plus<>{}, {.grain = 999}).value;
        std::fill(array.begin(), array.end(), 'x');
    }
    const auto others = pool.array(std::string(text.size(), 'y'));
    EXPECT_EQ(table.to_map(), testing::counts_of(text));
}

/// The table holds the memory of its pool.
TEST_P(KeyedCounts, OutliveTheirPool) {
    const std::string text = testing::book(3000);
    KeyedTable<std::string, std::uint64_t> table;
    {
        Pool own = testing::make_pool(GetParam(), 2);
        const auto array = own.array(text);
        table = map_reduce_by_key(own, Lines(array), count_words, std::plus<>{}).value;
    }
    EXPECT_EQ(table.to_map(), testing::counts_of(text));
}

/// A chunk of many files has parts of several texts.
TEST_P(KeyedCounts, OfManyFilesAreThoseOfAMap) {
    const std::filesystem::path folder =
        std::filesystem::temp_directory_path() / "pinfold_keyed_files";
    std::filesystem::create_directory(folder);
    std::vector<std::string> paths;
    std::string all;
    for (std::uint32_t i = 0; i < 20; ++i) {
        const std::string text = i % 5 == 0 ? "" : testing::book(40 * i, i);
        paths.push_back(folder / std::to_string(i));
        std::ofstream(paths.back(), std::ios::binary) << text;
        all += text + ' ';
    }
    {
        const auto files = pool.files(paths);
        const auto of_pieces = [](const ChunkWords& words, auto& emit) {
            for (const std::string_view word : words) {
                emit(word, 1);
            }
        };
        for (const std::uint64_t grain : {100U, 3000U, 1'000'000U}) {
            const JobSettings by{.grain = grain};
            EXPECT_EQ(map_reduce_by_key(pool, Words(files), count_words, std::plus<>{}, by)
                          .value.to_map(),
                      testing::counts_of(all));
            EXPECT_EQ(
                map_reduce_by_key(pool, Words(files), of_pieces, std::plus<>{}, by).value.to_map(),
                testing::counts_of(all));
        }
    }
    std::filesystem::remove_all(folder);
}

// ---- what a table answers

class KeyedTables : public KeyedCounts {
  protected:
    [[nodiscard]] auto squares() {
        return map_reduce_by_key<std::uint64_t, std::uint64_t>(pool, Range{0, 5000},
                                                               [](const Chunk& chunk, auto& emit) {
                                                                   for (const auto k : chunk) {
                                                                       emit(k / 2, k % 5);
                                                                   }
                                                               },
                                                               std::plus<>{}, {.grain = 333})
            .value;
    }
};

std::map<std::uint64_t, std::uint64_t> expected_squares() {
    std::map<std::uint64_t, std::uint64_t> expected;
    for (std::uint64_t k = 0; k < 5000; ++k) {
        expected[k / 2] += k % 5;
    }
    return expected;
}

TEST_P(KeyedTables, FindEachKeyAndNoOther) {
    const auto table = squares();
    const auto expected = expected_squares();
    ASSERT_EQ(table.size(), expected.size());
    EXPECT_FALSE(table.empty());
    for (const auto& [key, value] : expected) {
        const auto found = table.find(key);
        ASSERT_TRUE(found) << key;
        EXPECT_EQ(*found, value);
        EXPECT_EQ(table.at(key), value);
        EXPECT_TRUE(table.contains(key));
    }
    for (const std::uint64_t missing : {std::uint64_t{2500}, std::uint64_t{1} << 63}) {
        EXPECT_FALSE(table.find(missing));
        EXPECT_FALSE(table.contains(missing));
        EXPECT_THROW((void)table.at(missing), std::out_of_range);
    }
}

TEST_P(KeyedTables, FindTextsByAnyKindOfText) {
    const auto text = pool.array(std::string("to be or not to be"));
    const auto counts = map_reduce_by_key(pool, Words(text), count_words, std::plus<>{});
    EXPECT_EQ(counts.value.at("be"), 2U);
    EXPECT_EQ(counts.value.at(std::string("not")), 1U);
    EXPECT_EQ(counts.value.at(std::string_view("to be").substr(0, 2)), 2U);
    EXPECT_FALSE(counts.value.contains("b"));
    EXPECT_FALSE(counts.value.contains(""));
}

TEST_P(KeyedTables, AreSortedByKey) {
    const auto table = squares();
    const auto expected = expected_squares();
    const auto sorted = table.sorted();
    ASSERT_EQ(sorted.size(), expected.size());
    auto next = expected.begin();
    for (const auto& [key, value] : sorted) {
        EXPECT_EQ(key, next->first);
        EXPECT_EQ(value, next->second);
        ++next;
    }
    EXPECT_EQ(table.to_map(), expected);
}

TEST_P(KeyedTables, GiveTheGreatestValuesFirstAndTiesByKey) {
    const auto table = squares();
    std::vector<std::pair<std::uint64_t, std::uint64_t>> expected;  // value, key
    for (const auto& [key, value] : expected_squares()) {
        expected.emplace_back(value, key);
    }
    std::sort(expected.begin(), expected.end(), [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second < b.second;
    });
    for (const std::size_t n : {std::size_t{0}, std::size_t{1}, std::size_t{1700}, expected.size(),
                                expected.size() + 1, std::numeric_limits<std::size_t>::max()}) {
        const auto top = table.top(n);
        ASSERT_EQ(top.size(), std::min(n, expected.size()));
        for (std::size_t i = 0; i < top.size(); ++i) {
            EXPECT_EQ(top[i].value, expected[i].first);
            EXPECT_EQ(top[i].key, expected[i].second);
        }
    }
    const auto least = table.top(3, std::greater<>{});
    ASSERT_EQ(least.size(), 3U);
    EXPECT_EQ(least[0].value, expected.back().first);
}

TEST_P(KeyedTables, HoldEachKeyOnceAsTheyLie) {
    const auto table = squares();
    std::map<std::uint64_t, std::uint64_t> seen;
    for (const auto& [key, value] : table) {
        EXPECT_TRUE(seen.emplace(key, value).second) << key;
    }
    EXPECT_EQ(seen, expected_squares());
    EXPECT_GE(table.bytes(), table.size() * 2 * sizeof(std::uint64_t));
}

TEST_P(KeyedTables, MoveAndLeaveNothingBehind) {
    auto first = squares();
    auto second = std::move(first);
    EXPECT_EQ(second.to_map(), expected_squares());
    first = squares();
    second = std::move(first);  // what it had goes
    EXPECT_EQ(second.to_map(), expected_squares());
    second = {};
    EXPECT_TRUE(second.empty());
    EXPECT_EQ(second.size(), 0U);
    EXPECT_FALSE(second.contains(1));
    EXPECT_EQ(second.begin(), second.end());
    EXPECT_TRUE(second.sorted().empty());
    EXPECT_TRUE(second.top(5).empty());
    EXPECT_EQ(left_in(pool), 0U);
}

TEST_P(KeyedTables, OfAnInputWithoutKeysAreEmpty) {
    const auto none = map_reduce_by_key(pool, Range{0, 1000}, [](const Chunk&, auto&) {},
                                        std::plus<>{}, {.grain = 10});
    EXPECT_TRUE(none.value.empty());
    EXPECT_EQ(none.value.begin(), none.value.end());
    EXPECT_FALSE(none.value.find("anything"));
    EXPECT_EQ(none.report.chunks, 100U);
    const auto empty = pool.array<char>(0);
    EXPECT_TRUE(map_reduce_by_key(pool, Lines(empty), count_words, std::plus<>{}).value.empty());
}

INSTANTIATE_TEST_SUITE_P(Crews, KeyedCounts, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });
INSTANTIATE_TEST_SUITE_P(Crews, KeyedTables, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold

// Inputs that are cut where their content allows, in jobs on each crew.
#include <gtest/gtest.h>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <string>
#include <vector>

#include "crews.hpp"
#include "inputs/cut_oracle.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

/// The grains that a test is run with: the default one, and small ones.
constexpr std::array<std::uint64_t, 4> grains{0, 1, 7, 1000};

/// "0\n1\n2\n" and so on: a line tells its number.
std::string numbered_lines(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text += std::to_string(i) + '\n';
    }
    return text;
}

std::uint64_t number_in(std::string_view digits) {
    std::uint64_t number = 0;
    for (const char c : digits) {
        number = 10 * number + static_cast<std::uint64_t>(c - '0');
    }
    return number;
}

class Inputs : public testing::OnEachCrew {};

using testing::refusal;

TEST_P(Inputs, GiveAMapTheLinesOfItsChunk) {
    const auto text = pool.array(numbered_lines(5000));
    const auto sum_of = [](const ChunkLines& lines) {
        std::uint64_t sum = 0;
        for (const std::string_view line : lines) {
            sum += number_in(line);
        }
        return sum;
    };
    const auto sum_with_chunk = [sum_of](const ChunkLines& lines, const Chunk& chunk) {
        const auto first = lines.begin();
        const bool is_own = first == lines.end() || (first.offset() >= chunk.begin &&
                                                     first.offset() - chunk.begin < chunk.size());
        return is_own ? sum_of(lines) : std::uint64_t{0};
    };
    for (const std::uint64_t grain : grains) {
        const JobOptions<std::uint64_t> by{.grain = grain};
        EXPECT_EQ(map_reduce(pool, Lines(text), sum_of, std::plus<>{}, by).value,
                  testing::sum_below(5000));
        EXPECT_EQ(map_reduce(pool, Lines(text.span()), sum_with_chunk, std::plus<>{}, by).value,
                  testing::sum_below(5000));
    }
}

TEST_P(Inputs, CutAFileInPlace) {
    const std::string path = ::testing::TempDir() + "pinfold_inputs." + std::to_string(getpid());
    std::ofstream(path, std::ios::binary) << numbered_lines(5000);
    {
        const auto file = pool.file(path);
        const auto sum = [](std::uint64_t a, std::uint64_t b) { return a + b; };
        for (const std::uint64_t grain : grains) {
            const JobSettings by{.grain = grain};
            EXPECT_EQ(
                transform_reduce(pool, Lines(file), std::uint64_t{0}, sum, number_in, by).value,
                testing::sum_below(5000));
            EXPECT_EQ(
                transform_reduce(pool, Words(pool.file(path)), std::uint64_t{0}, sum, number_in, by)
                    .value,
                testing::sum_below(5000));
        }
        EXPECT_EQ(count_if(pool, FixedRecords(file, 1),
                           [](std::string_view byte) { return byte == "\n"; })
                      .value,
                  5000U);
        EXPECT_EQ(count_if(pool, Neighbours(file.as<char>(), 1, 0),
                           [](const auto& near) { return near.before() == 0 || near[-1] == '\n'; })
                      .value,
                  5000U);
    }
    std::filesystem::remove(path);
}

TEST_P(Inputs, GiveAFunctionEachLineOnce) {
    const auto text = pool.array(numbered_lines(5000));
    const auto calls = pool.array<std::uint32_t>(5000);
    for (const std::uint64_t grain : grains) {
        for_each(pool, Lines(text), [calls](std::string_view line) { calls[number_in(line)] += 1; },
                 {.grain = grain});
    }
    EXPECT_EQ(std::ranges::count(calls, grains.size()), 5000);

    const auto visits = pool.array<std::uint32_t>(5000);
    for_each_chunk(pool, Lines(text), [visits](const auto& lines) {
        for (const std::string_view line : lines) {
            visits[number_in(line)] += 1;
        }
    });
    EXPECT_EQ(std::ranges::count(visits, 1U), 5000);
}

TEST_P(Inputs, ReduceLinesInTheirOrder) {
    struct Hash {  // depends on the order, and joins
        std::uint64_t power = 1;
        std::uint64_t value = 0;
    };
    const auto join = [](Hash a, Hash b) {
        return Hash{a.power * b.power, a.value * b.power + b.value};
    };
    const auto text = pool.array(numbered_lines(3000));
    Hash expected{1, 42};
    for (std::uint64_t i = 0; i < 3000; ++i) {
        expected = join(expected, Hash{31, i});
    }
    for (const std::uint64_t grain : grains) {
        const auto hash = transform_reduce(pool, Lines(text), Hash{1, 42}, join,
                                           [](std::string_view line) {
                                               return Hash{31, number_in(line)};
                                           },
                                           {.grain = grain});
        EXPECT_EQ(hash.value.value, expected.value);
    }
}

TEST_P(Inputs, FindTheLongestAndTheShortestLine) {
    const auto text = pool.array(std::string("aa\nbbbb\n\ncccc\n\n"));
    const auto length = [](std::string_view line) { return line.size(); };
    for (const std::uint64_t grain : {1U, 4U, 100U}) {
        const auto longest = max_element(pool, Lines(text), length, {.grain = grain});
        EXPECT_EQ(longest.value->at, 3U);
        EXPECT_EQ(longest.value->value, 4U);
        EXPECT_EQ(min_element(pool, Lines(text), length, {.grain = grain}).value->at, 8U);
    }
}

TEST_P(Inputs, HaveAValueWhereNothingStarts) {
    const auto none = pool.array<char>(0);
    const auto blank = pool.array(std::string(100, ' '));
    const auto size = [](std::string_view s) { return s.size(); };
    EXPECT_EQ(transform_reduce(pool, Lines(none), std::size_t{7}, std::plus<>{}, size).value, 7U);
    EXPECT_EQ(
        transform_reduce(pool, Words(blank), std::size_t{7}, std::plus<>{}, size, {.grain = 9})
            .value,
        7U);
    EXPECT_FALSE(max_element(pool, Words(blank), size, {.grain = 9}).value.has_value());
    EXPECT_EQ(count_if(pool, Words(blank), [](std::string_view) { return true; }).value, 0U);
}

TEST_P(Inputs, CountWordsAndRecords) {
    std::string text;
    for (int i = 0; i < 1000; ++i) {
        text += std::string(static_cast<std::size_t>(i % 7), ' ') + "word\n\n";
    }
    const auto array = pool.array(text);
    const auto any = [](std::string_view) { return true; };
    for (const std::uint64_t grain : grains) {
        const JobSettings by{.grain = grain};
        EXPECT_EQ(count_if(pool, Words(array), any, by).value, 1000U);
        EXPECT_EQ(count_if(pool, Records(array, "\n\n"), any, by).value, 1000U);
        EXPECT_EQ(count_if(pool, Records(array, '\n'), any, by).value, 2000U);
    }
}

TEST_P(Inputs, TransformFixedRecords) {
    std::string text;
    for (int i = 1000; i < 2000; ++i) {
        text += std::to_string(i);
    }
    const auto array = pool.array(text);
    const FixedRecords records(array, 4);
    const auto numbers = pool.array<std::uint64_t>(1000);
    for (const std::uint64_t grain : grains) {
        std::ranges::fill(numbers, std::uint64_t{0});
        transform(pool, records, numbers, number_in, {.grain = grain});
        EXPECT_EQ(numbers[0], 1000U);
        EXPECT_EQ(numbers[999], 1999U);
        EXPECT_EQ(transform_reduce(pool, records, std::uint64_t{0}, std::plus<>{}, number_in,
                                   {.grain = grain})
                      .value,
                  1'499'500U);
    }
    const auto last = max_element(pool, records, number_in);
    EXPECT_EQ(last.value->at, 999U);
    const auto of_chunks = map_reduce(
        pool, records, [](const FixedRecordsSpan& mine) { return mine.size(); }, std::plus<>{});
    EXPECT_EQ(of_chunks.value, 1000U);
}

TEST_P(Inputs, TakeStringsAsElements) {
    const std::vector<std::string> names{"Ada", "", "Grace", "Alan", "Barbara"};
    const auto strings = pool.strings(names);
    EXPECT_TRUE(std::ranges::equal(strings, names));
    const auto lengths = pool.array<std::size_t>(strings.size());
    const auto length = [](std::string_view name) { return name.size(); };
    for (const std::uint64_t grain : {0U, 1U, 2U}) {
        transform(pool, strings, lengths, length, {.grain = grain});
        EXPECT_EQ(std::vector(lengths.begin(), lengths.end()),
                  (std::vector<std::size_t>{3, 0, 5, 4, 7}));
        EXPECT_EQ(max_element(pool, strings, length, {.grain = grain}).value->at, 4U);
        EXPECT_EQ(
            map_reduce(pool, strings, [](const shm::StringsSpan& mine) { return mine.size(); },
                       std::plus<>{}, {.grain = grain})
                .value,
            5U);
    }
    // A map may also capture them.
    const auto total =
        transform_reduce(pool, Range{0, strings.size()}, std::size_t{0}, std::plus<>{},
                         [strings](std::uint64_t i) { return strings[i].size(); });
    EXPECT_EQ(total.value, 19U);
    EXPECT_EQ(count_if(pool, pool.strings({}), [](std::string_view) { return true; }).value, 0U);
    EXPECT_EQ(count_if(pool, shm::Strings(), [](std::string_view) { return true; }).value, 0U);
}

TEST_P(Inputs, ShowEachElementItsNeighbours) {
    std::vector<std::int64_t> v(1000);
    std::iota(v.begin(), v.end(), 0);
    const auto in = pool.array(v);
    const auto out = pool.array<std::int64_t>(v.size());
    for (const std::uint64_t grain : grains) {
        transform(pool, Neighbours(in, 2, 1), out,
                  [](const Neighbourhood<std::int64_t>& near) {
                      const auto all = near.all();
                      return std::accumulate(all.begin(), all.end(), std::int64_t{0});
                  },
                  {.grain = grain});
        EXPECT_EQ(out[0], 0 + 1);
        EXPECT_EQ(out[1], 0 + 1 + 2);
        EXPECT_EQ(out[500], 498 + 499 + 500 + 501);
        EXPECT_EQ(out[999], 997 + 998 + 999);
    }
    const auto rises = count_if(
        pool, Neighbours(in, 1, 0),
        [](const auto& near) { return near.before() == 1 && near[0] > near[-1]; }, {.grain = 3});
    EXPECT_EQ(rises.value, 999U);
    EXPECT_EQ(refusal([&] {
                  transform(pool, Neighbours(in, 1, 1), in,
                            [](const auto& near) { return near[0]; });
              }),
              "the output overlaps the input, which a chunk that runs again would read changed");
}

TEST_P(Inputs, FindAStringAcrossABorder) {
    const std::string_view needle = "needle";
    std::string text(1000, '.');
    for (const std::size_t at : {0U, 95U, 300U, 994U}) {
        text.replace(at, needle.size(), needle);
    }
    const auto array = pool.array(text);
    for (const std::uint64_t grain : grains) {
        const auto found =
            map_reduce(pool, Neighbours(array, 0, needle.size() - 1),
                       [](const Neighbourhood<char>& near) {
                           const std::string_view all(near.all().data(), near.all().size());
                           std::uint64_t count = 0;
                           for (std::size_t at = all.find("needle"); at != std::string_view::npos;
                                at = all.find("needle", at + 1)) {
                               ++count;
                           }
                           return count;
                       },
                       std::plus<>{}, {.grain = grain});
        EXPECT_EQ(found.value, 4U);
    }
}

TEST_P(Inputs, RefuseWhatWorkersDoNotSee) {
    const std::string text = "private\n";
    const std::span<const char> span(text);
    const auto any = [](std::string_view) { return true; };
    const std::string words =
        "the input does not lie in the pool's arena; take it from pool.array()";
    EXPECT_EQ(refusal([&] { count_if(pool, Lines(span), any); }), words);
    EXPECT_EQ(refusal([&] { count_if(pool, Words(span), any); }), words);
    EXPECT_EQ(refusal([&] { count_if(pool, FixedRecords(span, 2), any); }), words);
    EXPECT_EQ(
        refusal([&] { count_if(pool, Neighbours(span, 1, 1), [](const auto&) { return true; }); }),
        words);
    Pool other({.crew = Crew::serial});
    EXPECT_EQ(refusal([&] { count_if(pool, other.strings({"a"}), any); }), words);
    const auto seven = pool.array<char>(7);
    EXPECT_EQ(refusal([&] { FixedRecords(seven, 3); }),
              "the input has 7 bytes, which is no multiple of a record's 3");
    EXPECT_EQ(refusal([&] { FixedRecords(seven, 0); }), "a record has no bytes");
}

using Counts = std::map<std::string, std::uint64_t>;

TEST_P(Inputs, CountWordsInResultsOfAnySize) {
    std::string text;
    Counts expected;
    for (std::uint64_t i = 0; i < 3000; ++i) {
        const std::string word = "word" + std::to_string(i * i % 97);
        text += word + (i % 3 == 0 ? "\n" : " ");
        ++expected[word];
    }
    const auto array = pool.array(text);
    const auto merge = [](Counts a, const Counts& b) {
        for (const auto& [word, count] : b) {
            a[word] += count;
        }
        return a;
    };
    for (const std::uint64_t grain : {std::uint64_t{5}, std::uint64_t{1000}}) {
        const auto counts = transform_reduce(pool, Words(array), Counts{}, merge,
                                             [](std::string_view word) {
                                                 return Counts{{std::string(word), 1}};
                                             },
                                             {.grain = grain});
        EXPECT_EQ(counts.value, expected);
    }
    const auto lines = map_reduce(
        pool, Lines(array),
        [](const ChunkLines& mine) {
            std::vector<std::string> copies;
            for (const std::string_view line : mine) {
                copies.emplace_back(line);
            }
            return copies;
        },
        [](std::vector<std::string> a, const std::vector<std::string>& b) {
            a.insert(a.end(), b.begin(), b.end());
            return a;
        },
        {.grain = 100});
    EXPECT_EQ(lines.value, testing::lines_of(text));
}

TEST_P(Inputs, AreStreamedAndFoldedInOrder) {
    const std::string text = numbered_lines(2000);
    const auto array = pool.array(text);
    const auto copied = [](const ChunkLines& lines) {
        std::string copy;
        for (const std::string_view line : lines) {
            copy.append(line).append("\n");
        }
        return copy;
    };
    std::string streamed;
    stream(pool, Lines(array), copied, [&](std::string&& part) { streamed += part; },
           {.grain = 64});
    EXPECT_EQ(streamed, text);
    const auto folded =
        map_fold(pool, Lines(array), copied, std::string("> "),
                 [](std::string& all, const std::string& part) { all += part; }, {.grain = 64});
    EXPECT_EQ(folded.value, "> " + text);
    const auto numbers = gather<std::uint64_t>(pool, Lines(array),
                                               [](const ChunkLines& lines, auto& out) {
                                                   for (const std::string_view line : lines) {
                                                       out.push_back(number_in(line));
                                                   }
                                               },
                                               {.grain = 64});
    ASSERT_EQ(numbers.value.size(), 2000U);
    for (std::uint64_t i = 0; i < 2000; ++i) {
        ASSERT_EQ(numbers.value[i], i);
    }
}

// A map that dies in the middle of its lines: they are read again, and each counts once.
class KilledReaders : public testing::NothingLeft {};

TEST_F(KilledReaders, StartTheirLinesAgain) {
    Pool pool = testing::make_pool(Crew::processes, 3);
    const auto text = pool.array(numbered_lines(2000));
    const auto died = pool.array<std::uint32_t>(2000);
    const auto sum = [died](const ChunkLines& lines) {
        std::uint64_t value = 0;
        for (const std::string_view line : lines) {
            const std::uint64_t number = number_in(line);
            if (number % 100 == 99 && std::atomic_ref(died[number]).exchange(1) == 0) {
                raise(SIGKILL);
            }
            value += number;
        }
        return value;
    };
    const auto all = map_reduce(pool, Lines(text), sum, std::plus<>{}, {.grain = 50});
    EXPECT_EQ(all.value, testing::sum_below(2000));
    EXPECT_EQ(all.report.deaths, 20U);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Inputs, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

}  // namespace
}  // namespace pinfold

// Results of any size: strings, vectors and what is made of them, on every crew.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <pinfold/engine/algorithms.hpp>
#include <pinfold/engine/map_fold.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/timeline.hpp>
#include <pinfold/shm/crossing.hpp>
#include <pinfold/shm/heap.hpp>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

class Results : public ::testing::TestWithParam<Crew> {
  protected:
    void TearDown() override { EXPECT_EQ(used(), 0U) << "bytes of results are left"; }

    /// What results have taken, which no job leaves behind.
    [[nodiscard]] std::size_t used() const {
        const shm::Heap* const heap = pool_.arena()->heap();
        return heap == nullptr ? 0 : heap->used_bytes();
    }

    Pool pool_ = testing::make_pool(GetParam(), 2);
};

/// As long as a chunk's index says: some have room in a slot, some need blocks of many sizes.
std::string stars(const Chunk& chunk) {
    return std::string((chunk.index * 37) % 300, static_cast<char>('a' + chunk.index % 26));
}

std::string all_stars(std::uint64_t chunks) {
    std::string all;
    for (std::uint64_t i = 0; i < chunks; ++i) {
        all += stars(Chunk{{i, i + 1}, i});
    }
    return all;
}

TEST_P(Results, StringsComeInChunkOrder) {
    constexpr std::uint64_t chunks = 500;
    const auto joined =
        map_reduce(pool_, Range{0, chunks}, stars, std::plus<>{}, {.grain = 1, .init = "<"});
    EXPECT_EQ(joined.value, "<" + all_stars(chunks));
    EXPECT_EQ(joined.report.chunks, chunks);
}

TEST_P(Results, LeaveNoMemoryTaken) {
    const auto run = [&] {
        return map_reduce(pool_, Range{0, 300}, stars, std::plus<>{}, {.grain = 1}).value;
    };
    const std::string value = run();
    const std::size_t boards = pool_.arena()->used_bytes();
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(run(), value);
        EXPECT_EQ(used(), 0U);
    }
    EXPECT_LE(pool_.arena()->used_bytes(), 2 * boards) << "boards of jobs keep some";
}

struct Word {
    std::string text;
    std::vector<int> places;
    std::optional<double> weight;
    std::variant<int, std::string> mark;

    friend bool operator==(const Word&, const Word&) = default;
};

TEST_P(Results, MayBeStructsOfAnything) {
    const auto words = map_fold(
        pool_, Range{0, 40},
        [](const Chunk& chunk) {
            const auto n = static_cast<int>(chunk.index);
            Word word{"word " + std::to_string(n), std::vector<int>(chunk.index, n), {}, n};
            if (n % 2 == 0) {
                word.weight = n / 2.0;
                word.mark = "even";
            }
            return word;
        },
        std::vector<Word>(), [](std::vector<Word>& all, Word&& word) { all.push_back(word); },
        {.grain = 1});
    ASSERT_EQ(words.value.size(), 40U);
    EXPECT_EQ(words.value[6], (Word{"word 6", {6, 6, 6, 6, 6, 6}, 3.0, std::string("even")}));
    EXPECT_EQ(words.value[7], (Word{"word 7", {7, 7, 7, 7, 7, 7, 7}, {}, 7}));
}

TEST_P(Results, MayBePairsAndTuples) {
    const auto both = map_reduce(
        pool_, Range{0, 10},
        [](const Chunk& c) {
            return std::pair<int, std::tuple<double, int>>(1, {0.5, static_cast<int>(c.index)});
        },
        [](auto a, const auto& b) {
            a.first += b.first;
            std::get<0>(a.second) += std::get<0>(b.second);
            std::get<1>(a.second) += std::get<1>(b.second);
            return a;
        },
        {.grain = 1});
    EXPECT_EQ(both.value, (std::pair<int, std::tuple<double, int>>(10, {5.0, 45})));
}

TEST_P(Results, TakeMegabytesOrNothing) {
    const auto sizes = map_fold(
        pool_, Range{0, 6},
        [](const Chunk& c) {
            return std::vector<std::uint64_t>(c.index % 2 == 0 ? 0 : c.index * 400'000, c.index);
        },
        std::vector<std::size_t>(),
        [](std::vector<std::size_t> all, const std::vector<std::uint64_t>& part) {
            all.push_back(part.size());
            EXPECT_TRUE(part.empty() || part.back() == part.size() / 400'000);
            return all;
        },
        {.grain = 1});
    EXPECT_EQ(sizes.value, (std::vector<std::size_t>{0, 400'000, 0, 1'200'000, 0, 2'000'000}));
}

/// Such an object does not lie in a frame of the engine.
TEST_P(Results, MayBeLargeObjects) {
    using Strings = std::array<std::string, 200>;
    static_assert(sizeof(Strings) > detail::largest_result_in_a_frame);
    const auto joined = map_reduce(
        pool_, Range{0, 20},
        [](const Chunk& c) {
            Strings strings;
            strings.fill(std::to_string(c.index));
            return strings;
        },
        [](const Strings& a, const Strings& b) {
            Strings both;
            for (std::size_t i = 0; i < a.size(); ++i) {
                both[i] = a[i] + b[i];
            }
            return both;
        },
        {.grain = 1});
    EXPECT_EQ(joined.value[199], "012345678910111213141516171819");
}

using Counts = std::map<std::string, int>;

Counts merged(Counts a, const Counts& b) {
    for (const auto& [key, n] : b) {
        a[key] += n;
    }
    return a;
}

TEST_P(Results, OfElementsAreReducedAndCompared) {
    const auto counts = transform_reduce(pool_, Range{0, 1000}, Counts(), merged,
                                         [](std::uint64_t k) {
                                             return Counts{{k % 3 == 0 ? "fizz" : "none", 1}};
                                         },
                                         {.grain = 10});
    EXPECT_EQ(counts.value, (Counts{{"fizz", 334}, {"none", 666}}));
    const auto greatest = max_element(
        pool_, Range{0, 1000}, [](std::uint64_t k) { return std::to_string(k); }, {.grain = 10});
    EXPECT_EQ(greatest.value->value, "999");
    EXPECT_EQ(greatest.value->at, 999U);
}

TEST_P(Results, MayFollowPhases) {
    using testing::Empty;
    Phases<Empty> phases;
    phases.add({.range = {0, 30}, .grain = 1, .bytes = 30},
               [](const Empty&, const Chunk& chunk, const PhaseMemory& memory) {
                   memory.of<char>(0)[chunk.index] = static_cast<char>('A' + chunk.index % 26);
               });
    const auto text = map_reduce(
        pool_, Range{0, 30}, Empty{}, phases,
        [](const Empty&, const Chunk& chunk, const PhaseMemory& memory) {
            return std::string(3 * chunk.index + 1, memory.of<char>(0)[chunk.index]);
        },
        [](const std::string& a, const std::string& b) { return a + b.back(); }, {.grain = 1});
    EXPECT_EQ(text.value, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCD");
}

TEST_P(Results, OfJobsThatFailAreFreed) {
    const auto run = [&](std::uint64_t bad, bool fold_throws) {
        return map_reduce(
            pool_, Range{0, 200}, bad,
            [](const std::uint64_t& at, const Chunk& chunk) {
                if (chunk.index == at) {
                    throw std::runtime_error("no value");
                }
                return std::string(1000, 'x');
            },
            [&](const std::string& a, const std::string& b) {
                if (fold_throws && a.size() > 50'000) {
                    throw std::length_error("enough");
                }
                return a + b;
            },
            {.grain = 1});
    };
    EXPECT_EQ(run(1000, false).value.size(), 200'000U);
    EXPECT_THROW(run(150, false), JobFailed);
    EXPECT_EQ(used(), 0U);
    EXPECT_THROW(run(1000, true), std::length_error);
    EXPECT_EQ(run(1000, false).value.size(), 200'000U);
    EXPECT_EQ(used(), 0U);
}

TEST_P(Results, OfSkippedChunksAreLeftOut) {
    const auto run = [&] {
        return map_reduce(pool_, Range{0, 50},
                          [](const Chunk& chunk) {
                              if (chunk.index % 10 == 3) {
                                  throw std::runtime_error("no value");
                              }
                              return std::string(100, 'x');
                          },
                          std::plus<>{}, {.grain = 1, .on_poison = OnPoison::skip});
    };
    const auto result = run();
    EXPECT_EQ(result.value.size(), 4500U);
    EXPECT_EQ(result.report.skipped.size(), 5U);
    EXPECT_EQ(run().value, result.value);
    EXPECT_EQ(used(), 0U);
}

TEST_P(Results, OfCancelledJobsAreFreed) {
    const auto run = [&](bool stops) {
        std::stop_source source;
        JobOptions<std::string> options;
        options.grain = 1;
        options.stop = source.get_token();
        options.progress = [&](const Progress&) {
            if (stops) {
                source.request_stop();
            }
        };
        return map_reduce(
            pool_, Range{0, 2000},
            [](const Chunk&) {
                usleep(200);
                return std::string(200, 'x');
            },
            std::plus<>{}, options);
    };
    EXPECT_EQ(run(false).value.size(), 400'000U);
    EXPECT_THROW(run(true), Cancelled);
    EXPECT_EQ(used(), 0U);
}

TEST_P(Results, OfJobsInMaps) {
    const auto text = map_reduce(
        pool_, Range{0, 6},
        [](const Chunk& chunk) {
            Pool pool;  // serial, here
            return map_reduce(pool, Range{0, chunk.index + 1},
                              [](const Chunk& c) { return std::string(60 + c.index, '.'); },
                              std::plus<>{}, {.grain = 1})
                .value;
        },
        std::plus<>{}, {.grain = 1});
    EXPECT_EQ(text.value.size(), 60U * 21 + 0 + 1 + 3 + 6 + 10 + 15);
}

TEST_P(Results, AreRefusedByAJournal) {
    const std::string file = "results_test.journal";
    try {
        map_reduce(pool_, Range{0, 10}, stars, std::plus<>{},
                   {.journal = {.file = file, .kernel = "stars"}});
        ADD_FAILURE() << "it was accepted";
    } catch (const std::invalid_argument& e) {
        const std::string text = e.what();
        EXPECT_NE(text.find("results of one size"), std::string::npos) << text;
        EXPECT_NE(text.find(file), std::string::npos) << text;
    }
    EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_P(Results, AreComparedByARehearsal) {
    const auto counter = pool_.array<std::uint64_t>(1);
    const auto run = [&](bool counts) {
        return map_reduce(pool_, Range{0, 40},
                          [counter, counts](const Chunk& chunk) {
                              return stars(chunk) +
                                     std::string(counts ? 100 + std::atomic_ref(counter[0])++ : 0,
                                                 '+');
                          },
                          std::plus<>{}, {.grain = 1, .rehearse = true});
    };
    EXPECT_EQ(run(false).value, all_stars(40));
    EXPECT_THROW(run(true), NotRepeatable);
    EXPECT_EQ(run(false).value, all_stars(40));
    EXPECT_EQ(used(), 0U);
}

TEST_P(Results, HaveTimelines) {
    Timeline timeline;
    const auto result =
        map_reduce(pool_, Range{0, 300}, stars, std::plus<>{}, {.grain = 1, .timeline = &timeline});
    EXPECT_EQ(result.value, all_stars(300));
}

INSTANTIATE_TEST_SUITE_P(Crews, Results, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST(ForkedResults, MayBeStrings) {
    const std::vector<std::string> words{"one", "two", "three"};
    const auto joined = map_reduce_forked(
        {.workers = 2}, Range{0, 3}, [&](const Chunk& chunk) { return words[chunk.begin] + " "; },
        std::plus<>{}, {.grain = 1});
    EXPECT_EQ(joined.value, "one two three ");
}

}  // namespace
}  // namespace pinfold

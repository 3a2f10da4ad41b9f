// Jobs and functors that own memory: each worker makes its own of a message, once for the job.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <pinfold/engine/algorithms.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/this_worker.hpp>
#include <pinfold/shm/crossing.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

class Jobs : public ::testing::TestWithParam<Crew> {
  protected:
    Pool pool_ = testing::make_pool(GetParam(), 2);
};

std::uint64_t length_of(const std::string& text, const Chunk& chunk) {
    return text.size() + static_cast<std::uint64_t>(text.at(chunk.index));
}

TEST_P(Jobs, MayBeStrings) {
    const std::string text(100, 'A');
    const auto sum = map_reduce(pool_, Range{0, 100}, text, length_of, std::plus<>{}, {.grain = 1});
    EXPECT_EQ(sum.value, 100U * (100 + 'A'));
}

struct Points {
    std::vector<double> x;
    std::map<int, std::vector<std::string>> names;
    int scale = 0;
};

TEST_P(Jobs, MayBeStructsOfAnything) {
    const Points points{{1, 2, 3}, {{7, {"seven", "sept"}}, {8, {"eight"}}}, 10};
    const auto joined =
        map_reduce(pool_, Range{0, 4}, points,
                   [](const Points& job, const Chunk& chunk) {
                       std::uint64_t sum = 0;
                       for (const auto& [key, names] : job.names) {
                           for (const std::string& name : names) {
                               sum += static_cast<std::uint64_t>(key) * name.size();
                           }
                       }
                       return static_cast<double>(sum) + job.x.at(chunk.index % 3) * job.scale;
                   },
                   std::plus<>{}, {.grain = 1});
    EXPECT_EQ(joined.value, 4 * (7 * 9 + 8 * 5) + 10 + 20 + 30 + 10);
}

TEST_P(Jobs, MayBeTuples) {
    const std::tuple<int, double> job(3, 0.5);
    const auto sum = map_reduce(pool_, Range{0, 4}, job,
                                [](const std::tuple<int, double>& both, const Chunk&) {
                                    return std::get<0>(both) * std::get<1>(both);
                                },
                                std::plus<>{}, {.grain = 1});
    EXPECT_EQ(sum.value, 6);
}

TEST_P(Jobs, MayBeLarge) {
    const std::vector<std::uint64_t> job(1'000'000, 3);
    const auto run = [&] {
        return map_reduce(
                   pool_, Range{0, job.size()}, job,
                   [](const std::vector<std::uint64_t>& all, const Chunk& chunk) {
                       std::uint64_t sum = 0;
                       for (const std::uint64_t i : chunk) {
                           sum += all[i];
                       }
                       return sum;
                   },
                   std::plus<>{})
            .value;
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(run(), 3'000'000U);
        EXPECT_LT(pool_.arena()->used_bytes(), std::size_t{4} << 20) << "the message stays there";
    }
}

/// What a lambda cannot be: workers see its members.
struct IsVowel {
    std::set<char> vowels;
    bool operator()(std::uint64_t k) const { return vowels.contains(static_cast<char>(k)); }
};

struct Prefixed {
    std::string prefix;
    shm::Array<char> letters;
    std::string operator()(const Chunk& chunk) const { return prefix + letters[chunk.index]; }
};

TEST_P(Jobs, MayBeFunctors) {
    const auto count =
        count_if(pool_, Range{0, 256}, IsVowel{{'a', 'e', 'i', 'o', 'u'}}, {.grain = 10});
    EXPECT_EQ(count.value, 5U);
    const auto letters = pool_.array(std::string("abc"));
    const auto joined = map_reduce(pool_, Range{0, 3}, Prefixed{"-", letters}, std::plus<>{},
                                   {.grain = 1, .init = ">"});
    EXPECT_EQ(joined.value, ">-a-b-c");
}

struct Append {
    std::string between;
    std::string operator()(const std::string& a, const std::string& b) const {
        return a + between + b;
    }
};
struct Named {
    std::vector<std::string> names;
    std::string operator()(std::uint64_t k) const { return names.at(k); }
};

TEST_P(Jobs, MayBeReductions) {
    const auto joined = transform_reduce(pool_, Range{0, 4}, std::string("words"), Append{", "},
                                         Named{{"a", "b", "c", "d"}}, {.grain = 3});
    EXPECT_EQ(joined.value, "words, a, b, c, d");
}

struct Fill {
    std::string text;
    void operator()(std::span<const char> from, std::span<char> to, const Chunk& chunk) const {
        for (std::size_t i = 0; i < to.size(); ++i) {
            to[i] = static_cast<char>(from[i] + text.at(chunk.index % text.size()) - 'a');
        }
    }
};

TEST_P(Jobs, MayFillOutputs) {
    const auto in = pool_.array(std::string("AAAAAA"));
    const auto out = pool_.array<char>(6);
    transform_chunks(pool_, in, out, Fill{"abc"}, {.grain = 1});
    EXPECT_EQ(std::string(out.begin(), out.end()), "ABCABC");
    for_each_chunk(pool_, Range{0, 6}, std::string("xyz"),
                   [out](const std::string& text, const Chunk& chunk) {
                       out[chunk.index] = text[chunk.index % 3];
                   },
                   {.grain = 1});
    EXPECT_EQ(std::string(out.begin(), out.end()), "xyzxyz");
}

/// Counts in which processes and threads it was read, by its own `serialize`.
struct Counted {
    shm::Array<std::atomic<int>> counts;  // read, ended
    std::string text;                     // so that it does not cross by its bytes
    bool is_copy = false;

    Counted() = default;
    explicit Counted(shm::Array<std::atomic<int>> of) : counts(std::move(of)) {}
    ~Counted() {
        if (is_copy) {
            ++counts[1];
        }
    }
    Counted(const Counted& other) : counts(other.counts), text(other.text) {}
    Counted(Counted&& other) noexcept
        : counts(other.counts),
          text(std::move(other.text)),
          is_copy(std::exchange(other.is_copy, false)) {}
    Counted& operator=(const Counted&) = delete;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(counts);
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(counts);
        is_copy = true;
        ++counts[0];
    }
};

TEST(JobOfAMessage, IsMadeOnceInEachWorkerAndEndsWithTheJob) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = testing::make_pool(crew, 2);
        const Counted job(pool.array<std::atomic<int>>(2));
        for (int i = 1; i <= 3; ++i) {
            const auto sum = map_reduce(
                pool, Range{0, 2000}, job,
                [](const Counted& counted, const Chunk&) { return counted.is_copy ? 1 : 0; },
                std::plus<>{}, {.grain = 1});
            EXPECT_EQ(sum.value, 2000);
            EXPECT_GE(job.counts[0], i);
            EXPECT_LE(job.counts[0], 2 * i);
            EXPECT_TRUE(testing::eventually([&] { return job.counts[1] == job.counts[0]; }));
        }
    }
}

struct Unreadable {
    std::string text;

    template <typename Archive>
    void save(Archive& archive) const {
        archive(text);
    }
    template <typename Archive>
    void load(Archive& archive) {
        archive(text);
        throw std::domain_error("unreadable " + text);
    }
};

TEST_P(Jobs, ThatCannotBeReadFailTheJob) {
    try {
        map_reduce(pool_, Range{0, 10}, Unreadable{"letter"},
                   [](const Unreadable&, const Chunk&) { return 1; }, std::plus<>{}, {.grain = 1});
        ADD_FAILURE() << "it was read";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().exception_text, "unreadable letter");
    }
    EXPECT_EQ(map_reduce(pool_, Range{0, 10}, std::string("x"),
                         [](const std::string& x, const Chunk&) { return x; }, std::plus<>{},
                         {.grain = 1})
                  .value,
              "xxxxxxxxxx");
}

/// What crosses by its bytes shows no pointer to the compiler, but to the call.
class Numbers {
  public:
    explicit Numbers(const int* first) : first_(first) {}
    int operator[](std::size_t i) const { return first_[i]; }

  private:
    const int* first_;
};
struct WithNumbers {
    std::string name;
    std::vector<Numbers> numbers;
    int operator()(const Chunk& chunk) const { return numbers[0][chunk.index]; }
};

TEST_P(Jobs, WithAPointerIntoPrivateMemoryAreRefused) {
    const std::vector<int> here{1, 2, 3};
    try {
        map_reduce(pool_, Range{0, 3}, WithNumbers{"n", {Numbers(here.data())}}, std::plus<>{});
        ADD_FAILURE() << "it was accepted";
    } catch (const std::invalid_argument& e) {
        const std::string text = e.what();
        EXPECT_NE(text.find("holds a pointer into"), std::string::npos) << text;
    }
}

TEST_P(Jobs, AreRehearsed) {
    const auto sum = map_reduce(pool_, Range{0, 50}, std::string(50, 'A'), length_of, std::plus<>{},
                                {.grain = 1, .rehearse = true});
    EXPECT_EQ(sum.value, 50U * (50 + 'A'));
}

INSTANTIATE_TEST_SUITE_P(Crews, Jobs, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <list>
#include <numeric>
#include <pinfold/engine/report_json.hpp>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/engine/timeline.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "on_each_crew.hpp"
#include "tasks/generated.hpp"

namespace pinfold {

namespace {

using testing::refusal;
using namespace std::chrono_literals;

struct Image {
    std::string name;
    std::vector<int> pixels;
};

Image shrink(const std::string& name) {
    return {name + ".small", std::vector<int>(name.size(), 7)};
}

int square(int x) {
    return x * x;
}

int no_seven(int x) {
    if (x == 7) {
        throw std::runtime_error("no seven");
    }
    return x;
}

class BatchTest : public testing::OnEachCrew {};

TEST_P(BatchTest, LoopsOverStringsAndGivesStructsWithVectors) {
    const std::vector<std::string> files{"a", "bcd", "ef"};
    std::vector<std::string> names;
    std::size_t pixels = 0;
    const auto show = [&](const Image& image) {
        names.push_back(image.name);
        pixels += image.pixels.size();
    };
    for (auto&& i : pool.map(shrink, files))
        show(i);
    EXPECT_EQ(names, (std::vector<std::string>{"a.small", "bcd.small", "ef.small"}));
    EXPECT_EQ(pixels, 6U);
}

TEST_P(BatchTest, GivesAllInOrderWithAnyGrainAndLookAhead) {
    std::vector<int> numbers(1000);
    std::iota(numbers.begin(), numbers.end(), -500);
    std::vector<int> squares;
    for (const int x : numbers) {
        squares.push_back(x * x);
    }
    for (const std::uint64_t grain : {1U, 3U, 64U, 5000U}) {
        for (const std::uint64_t look_ahead : {0U, 1U, 2U, 100U}) {
            EXPECT_EQ(pool.map(square, numbers, {.grain = grain, .look_ahead = look_ahead}).get(),
                      squares);
        }
    }
}

TEST_P(BatchTest, LongResultsCrossInAnyGrain) {
    const auto repeat = [](int times) { return std::string(static_cast<std::size_t>(times), 'x'); };
    for (const std::uint64_t grain : {1U, 4U}) {
        int next = 0;
        for (const std::string& text : pool.map(repeat, Range{0, 300}, {.grain = grain})) {
            EXPECT_EQ(text.size(), static_cast<std::size_t>(next));
            ++next;
        }
        EXPECT_EQ(next, 300);
    }
}

TEST_P(BatchTest, ZipsItsInputsAndEndsWithTheShortest) {
    const std::vector<std::string> words{"a", "b", "c"};
    const std::list<int> times{3, 2};
    const auto repeat = [](const std::string& word, int n, std::uint64_t first) {
        std::string all = std::to_string(first);
        for (int i = 0; i < n; ++i) {
            all += word;
        }
        return all;
    };
    auto batch = pool.map(repeat, words, times, Range{10, 20});
    EXPECT_EQ(batch.total(), 2U);
    EXPECT_EQ(batch.get(), (std::vector<std::string>{"10aaa", "11bb"}));
    EXPECT_EQ(batch.done(), 2U);
}

TEST_P(BatchTest, ZipsAnyNumberOfInputs) {
    const std::vector<int> a{1, 2};
    const std::vector<std::string> b{"x", "yy"};
    const auto join = [](const auto&... parts) {
        std::string all;
        const auto add = [&all](const auto& part) {
            if constexpr (std::is_arithmetic_v<std::decay_t<decltype(part)>>) {
                all += std::to_string(part);
            } else {
                all += part;
            }
        };
        (add(parts), ...);
        return all;
    };
    const std::vector<std::string> four{"1x17", "2yy28"};
    EXPECT_EQ(pool.map(join, a, b, std::vector<int>(a), Range{7, 20}).get(), four);
    const MapOptions options{.grain = 2};
    EXPECT_EQ(pool.map(join, a, b, std::list<int>{1, 2}, Range{7, 20}, options).get(), four);
    auto five = pool.map_unordered(join, a, b, a, a, Range{7, 20}, MapOptions{.grain = 2});
    EXPECT_EQ(five.total(), 2U);
    EXPECT_EQ(five.get(), (std::vector<std::string>{"1x117", "2yy228"}));
}

TEST_P(BatchTest, UnpacksTuplesWhereTheFunctionTakesNone) {
    const std::vector<std::pair<int, double>> pairs{{1, 0.5}, {2, 0.25}};
    EXPECT_EQ(pool.map([](int a, double b) { return a * b; }, pairs).get(),
              (std::vector<double>{0.5, 0.5}));
    EXPECT_EQ(pool.map([](const std::pair<int, double>& p) { return p.first; }, pairs).get(),
              (std::vector<int>{1, 2}));
    const std::vector<std::tuple<std::string, int, int>> tuples{{"x", 1, 2}};
    const auto join = [](const std::string& s, int a, int b) { return s + std::to_string(a + b); };
    EXPECT_EQ(pool.map(join, tuples).get().at(0), "x3");
}

TEST_P(BatchTest, TakesListsViewsArraysAndTemporaries) {
    EXPECT_EQ(pool.map(square, {1, 2, 3}).get(), (std::vector<int>{1, 4, 9}));
    EXPECT_EQ(pool.map(square, std::vector<int>{4, 5}, {.grain = 2}).get(),
              (std::vector<int>{16, 25}));
    const auto numbers = pool.array(std::vector<int>{6, 7});
    EXPECT_EQ(pool.map(square, numbers).get(), (std::vector<int>{36, 49}));
    const int plain[] = {8};
    EXPECT_EQ(pool.map(square, plain).get(), (std::vector<int>{64}));
    const testing::Generated even([](int k) { return 2 * k; }, 5);
    auto batch = pool.map(square, even);
    EXPECT_EQ(batch.get(), (std::vector<int>{0, 4, 16, 36, 64}));
    EXPECT_EQ(batch.total(), 5U);  // known at the end
    const std::vector<bool> bits{true, false};
    EXPECT_EQ(pool.map([](bool bit) { return !bit; }, bits, {.grain = 2}).get(),
              (std::vector<bool>{false, true}));
    const std::vector<const char*> texts{"ab", "c"};
    EXPECT_EQ(pool.map([](const std::string& s) { return s.size(); }, texts).get(),
              (std::vector<std::size_t>{2, 1}));
    EXPECT_TRUE(pool.map(square, std::vector<int>{}).get().empty());
}

TEST_P(BatchTest, AnEndlessInputIsReadNoFurtherThanTheLookAhead) {
    std::uint64_t read = 0;
    const testing::Generated endless([&](int k) {
        ++read;
        return static_cast<std::uint64_t>(k);
    });
    std::uint64_t next = 0;
    auto batch =
        pool.map([](std::uint64_t k) { return 2 * k; }, endless, {.grain = 2, .look_ahead = 5});
    EXPECT_EQ(batch.total(), std::nullopt);
    for (const std::uint64_t twice : batch) {
        EXPECT_EQ(twice, 2 * next);
        EXPECT_LE(read, next + 2 * (5 + 1));
        if (++next == 200) {
            break;
        }
    }
    for (const std::uint64_t twice : batch) {  // goes on behind the break
        EXPECT_EQ(twice, 400U);
        break;
    }
    EXPECT_GE(batch.done(), 200U);
}

TEST_P(BatchTest, AnInputThatThrowsGivesFirstWhatItHadGiven) {
    for (const std::uint64_t grain : {1U, 4U}) {
        const testing::Generated failing([](int k) {
            if (k == 10) {
                throw std::out_of_range("no item 10");
            }
            return k;
        });
        std::vector<int> squares;
        const auto loop = [&] {
            for (const int s : pool.map(square, failing, {.grain = grain, .look_ahead = 2})) {
                squares.push_back(s);
            }
        };
        EXPECT_EQ(refusal<std::out_of_range>(loop), "no item 10");
        EXPECT_EQ(squares, (std::vector<int>{0, 1, 4, 9, 16, 25, 36, 49, 64, 81}));
        EXPECT_EQ(refusal<std::out_of_range>([&] {
                      static_cast<void>(pool.map(square, failing, {.grain = grain}).get());
                  }),
                  "no item 10");
    }
}

TEST_P(BatchTest, AnItemThatThrowsThrowsWhereItIsAskedFor) {
    auto batch = pool.map(no_seven, Range{5, 10}, {.task = {.name = "odd"}});
    std::vector<int> values;
    for (auto i = batch.begin(); i != batch.end(); ++i) {
        try {
            values.push_back(*i);
        } catch (const TaskFailed& failure) {
            EXPECT_EQ(failure.details().name, "odd[2]");
            EXPECT_EQ(failure.details().exception_text, "no seven");
            values.push_back(-1);
        }
    }
    EXPECT_EQ(values, (std::vector<int>{5, 6, -1, 8, 9}));
    EXPECT_THROW(static_cast<void>(pool.map(no_seven, Range{0, 1000}).get()), TaskFailed);
}

TEST_P(BatchTest, UnorderedGivesEachOnce) {
    std::vector<int> numbers(300);
    std::iota(numbers.begin(), numbers.end(), 0);
    for (const std::uint64_t grain : {1U, 7U}) {
        std::vector<int> seen;
        for (const int x : pool.map_unordered([](int x) { return x; }, numbers, {.grain = grain})) {
            seen.push_back(x);
        }
        std::ranges::sort(seen);
        EXPECT_EQ(seen, numbers);
    }
}

TEST_P(BatchTest, OfNothingWaitsForAll) {
    const auto flags = pool.array<int>(50);
    pool.map([flags](int k) { flags[static_cast<std::size_t>(k)] = 1; }, Range{0, 50}, {.grain = 3})
        .get();
    EXPECT_EQ(std::accumulate(flags.begin(), flags.end(), 0), 50);
    int times = 0;
    for ([[maybe_unused]] auto&& nothing : pool.map([](int) {}, {1, 2, 3})) {
        ++times;
    }
    EXPECT_EQ(times, 3);
}

TEST_P(BatchTest, ArraysAmongItsItemsLiveAsLongAsItsTasks) {
    std::vector<shm::Array<int>> rows;
    for (int i = 0; i < 20; ++i) {
        rows.push_back(pool.array({i, i + 1}));
    }
    auto batch =
        pool.map([](const shm::Array<int>& row) { return row[0] + row[1]; }, std::move(rows));
    int next = 0;
    for (const int sum : batch) {
        EXPECT_EQ(sum, 2 * next + 1);
        ++next;
    }
    EXPECT_EQ(next, 20);
}

TEST_P(BatchTest, CancelledItEndsByCancelled) {
    auto batch = pool.map(square, testing::endless(), {.look_ahead = 4});
    batch.cancel();
    EXPECT_THROW(static_cast<void>(batch.get()), Cancelled);
    int values = 0;
    const auto loop = [&] {
        auto other = pool.map(square, testing::endless());
        for ([[maybe_unused]] const int value : other) {
            if (++values == 10) {
                other.cancel();
            }
        }
    };
    EXPECT_NE(refusal<Cancelled>(loop), "accepted");
    EXPECT_GE(values, 10);
}

TEST_P(BatchTest, ThenGetsAllResults) {
    auto sum = pool.map(square, Range{0, 500}, {.look_ahead = 8}).then([](std::vector<int> all) {
        return std::accumulate(all.begin(), all.end(), 0);
    });
    EXPECT_EQ(sum.get(), 499 * 500 * 999 / 6);
    auto failed = pool.map(no_seven, Range{0, 500}).then([](const std::vector<int>&) {});
    EXPECT_THROW(failed.get(), TaskFailed);
    auto done = pool.map([](int) {}, Range{0, 5}).then([] { return 3; });
    EXPECT_EQ(done.get(), 3);
}

TEST_P(BatchTest, ReportsItsProgress) {
    std::vector<BatchProgress> told;
    auto batch =
        pool.map(square, Range{0, 40},
                 {.progress = [&](const BatchProgress& progress) { told.push_back(progress); }});
    EXPECT_EQ(batch.get().size(), 40U);
    ASSERT_FALSE(told.empty());
    EXPECT_EQ(told.back().done, 40U);
    EXPECT_EQ(told.back().total, 40U);
    EXPECT_EQ(told.back().seconds_left, 0.0);
    EXPECT_EQ(told.back().remaining, 0U);
    const std::string json = to_json(told.back());
    EXPECT_TRUE(json.starts_with(R"({"done":40,"running":0,"retried":0,"total":40,"remaining":0,)"))
        << json;
    EXPECT_TRUE(json.ends_with(R"("seconds_left":0})")) << json;
    const testing::Generated endless([](int k) { return k; });
    const auto unknown = pool.map(square, endless, {.look_ahead = 2});
    EXPECT_NE(to_json(unknown.progress()).find(R"("total":null,"remaining":null,)"),
              std::string::npos);
    EXPECT_EQ(batch.progress().running, 0U);
    EXPECT_EQ(batch.progress().retried, 0U);
    EXPECT_EQ(batch.progress().seconds, told.back().seconds);
}

TEST_P(BatchTest, ATimelineHasItsTasksByTheirNames) {
    Timeline timeline({.name = "a batch"});
    auto batch =
        pool.map(no_seven, Range{0, 30},
                 {.grain = 2, .look_ahead = 4, .task = {.name = "odd"}, .timeline = &timeline});
    int failed = 0;
    for (auto i = batch.begin(); i != batch.end(); ++i) {
        failed += refusal<TaskFailed>([&] { EXPECT_GE(*i, 0); }) == "accepted" ? 0 : 1;
    }
    EXPECT_EQ(failed, 2);  // both items of the part
    EXPECT_EQ(timeline.tasks(), 15U);
    EXPECT_EQ(timeline.jobs(), 0U);
    const std::string json = timeline.to_chrome_json();
    EXPECT_NE(json.find(R"("name":"odd[0..2]","cat":"task")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"("name":"odd[6..8]","cat":"failed")"), std::string::npos) << json;
    EXPECT_NE(json.find(R"({"name":"a batch, tasks"})"), std::string::npos) << json;
    pool.map(square, Range{0, 30}, {.timeline = &timeline}).cancel();  // what runs may still write
}

TEST_P(BatchTest, RefusesWhatCannotWorkAtTheCall) {
    int here = 0;
    const std::vector<int*> pointers{&here};
    const auto read = [](const int* p) { return *p; };
    EXPECT_THROW(static_cast<void>(pool.map(read, pointers)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(pool.map(square, {1}, {.grain = 0})), std::invalid_argument);
    if (pool.crew() != Crew::processes) {
        EXPECT_THROW(static_cast<void>(pool.map(square, {1}, {.task = {.deadline = 1s}})),
                     std::invalid_argument);
    }
    EXPECT_THROW(static_cast<void>(pool.map(square, {1}, {.task = {.room_within = 1s}})),
                 std::invalid_argument);
    auto batch = pool.map(square, {1});
    auto other = std::move(batch);
    EXPECT_THROW(static_cast<void>(batch.get()), std::logic_error);
    EXPECT_EQ(other.get().at(0), 1);
}

INSTANTIATE_TEST_SUITE_P(Crews, BatchTest, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& test) { return std::string(to_string(test.param)); });

}  // namespace

}  // namespace pinfold

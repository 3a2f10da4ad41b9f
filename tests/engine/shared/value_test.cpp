#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <mutex>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <vector>

#include "crews.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

/// More than an atomic can be: all of it is one number.
struct Wide {
    std::array<std::uint64_t, 9> same{};

    explicit Wide(std::uint64_t number = 0) { same.fill(number); }

    [[nodiscard]] bool is_whole() const {
        return std::ranges::all_of(same, [&](std::uint64_t each) { return each == same[0]; });
    }
};

class ValueOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, ValueOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(ValueOnEachCrew, IsAnAtomicWhereItFits) {
    const Value<int> value(pool, 5);
    EXPECT_EQ(value, 5);
    EXPECT_EQ(value.exchange(6), 5);
    EXPECT_EQ(value.fetch_add(2), 6);
    EXPECT_EQ(value.fetch_sub(1), 8);
    EXPECT_EQ(value.fetch_and(6), 7);
    EXPECT_EQ(value.fetch_or(9), 6);
    EXPECT_EQ(value.fetch_xor(1), 15);
    EXPECT_EQ(value += 1, 15);
    EXPECT_EQ(value -= 5, 10);
    EXPECT_EQ(++value, 11);
    EXPECT_EQ(value++, 11);
    EXPECT_EQ(--value, 11);
    EXPECT_EQ(value--, 11);
    int expected = 3;
    EXPECT_FALSE(value.compare_exchange_strong(expected, 4));
    EXPECT_EQ(expected, 10);
    EXPECT_TRUE(value.compare_exchange_strong(expected, 4));
    value = 7;
    EXPECT_EQ(value.update([](int& x) { x *= 3; }), 7);
    EXPECT_EQ(value.load(), 21);
    const Value<double> real(pool, 0.5);
    EXPECT_EQ(real += 0.25, 0.75);
}

TEST_P(ValueOnEachCrew, CountsWhatAllMapsAdd) {
    const Value<std::uint64_t> count(pool);
    for_each_chunk(pool, Range{0, 10'000},
                   [count](const Chunk& chunk) {
                       count += static_cast<std::uint64_t>(chunk.end - chunk.begin);
                   },
                   {.grain = 3});
    EXPECT_EQ(count.load(), 10'000U);
}

TEST_P(ValueOnEachCrew, IsWholeWhateverItsSize) {
    const Value<Wide> value(pool, Wide(1));
    const auto torn = map_reduce(pool, Range{0, 4000},
                                 [value](const Chunk& chunk) {
                                     int torn_here = 0;
                                     for (auto i = chunk.begin; i < chunk.end; ++i) {
                                         value.update([](Wide& wide) {
                                             for (std::uint64_t& each : wide.same) {
                                                 ++each;
                                             }
                                         });
                                         torn_here += value.load().is_whole() ? 0 : 1;
                                     }
                                     return torn_here;
                                 },
                                 std::plus<>{}, {.grain = 10});
    EXPECT_EQ(torn.value, 0);
    EXPECT_EQ(value.load().same[0], 4001U);
}

TEST_P(ValueOnEachCrew, StaysWhereItsUpdateThrows) {
    const Value<Wide> value(pool, Wide(1));
    EXPECT_THROW(value.update([](Wide& wide) {
        wide = Wide(2);
        throw std::runtime_error("no");
    }),
                 std::runtime_error);
    EXPECT_EQ(value.load().same[0], 1U);
    EXPECT_EQ(value.exchange(Wide(3)).same[8], 1U);
    value = Wide(4);
    EXPECT_EQ(value.load().same[8], 4U);
}

TEST_P(ValueOnEachCrew, ComesAsAnArrayWithItsLock) {
    const LockedArray<int> histogram(pool, 7);
    for_each_chunk(pool, Range{0, 7000},
                   [histogram](const Chunk& chunk) {
                       const std::scoped_lock guard(histogram);
                       for (auto i = chunk.begin; i < chunk.end; ++i) {
                           ++histogram[i % 7];
                       }
                   },
                   {.grain = 10});
    EXPECT_EQ(histogram.size(), 7U);
    for (const int count : histogram) {
        EXPECT_EQ(count, 1000);
    }
}

// By capture and as an argument.
TEST_P(ValueOnEachCrew, CrossesIntoTasksAsAllHandlesDo) {
    const Value<int> sum(pool);
    const Mutex mutex(pool);
    const Queue<int> numbers(pool, 64);
    const auto put = [sum, mutex](int number, const Queue<int>& to) {
        const std::lock_guard guard(mutex);
        sum += number;
        to.put(number);
        return number;
    };
    std::vector<Future<int>> tasks;
    for (int i = 1; i <= 50; ++i) {
        tasks.push_back(pool.submit(put, i, numbers));
    }
    int got = 0;
    for (auto& task : tasks) {
        task.get();
        got += numbers.try_get().value_or(0);
    }
    EXPECT_EQ(sum, 1275);
    EXPECT_EQ(got, 1275);
}

TEST(ValueOfProcesses, IsWholeWhenItsWritersDie) {
    Pool pool({.crew = Crew::processes, .workers = 3});
    const Value<Wide> value(pool);
    const Value<int> deaths(pool);
    const auto torn = map_reduce(pool, Range{0, 600},
                                 [value, deaths](const Chunk& chunk) {
                                     value.update([&](Wide& wide) {
                                         wide.same[0] += 1;
                                         if (chunk.index % 20 == 7 && deaths.fetch_add(1) < 20) {
                                             kill(getpid(), SIGKILL);
                                         }
                                         wide = Wide(wide.same[0]);
                                     });
                                     return value.load().is_whole() ? 0 : 1;
                                 },
                                 std::plus<>{}, {.grain = 1, .max_attempts = 30});
    EXPECT_EQ(torn.value, 0);
    EXPECT_EQ(deaths.load(), 30 + 20) << "a chunk in twenty asks, once more for each death";
    EXPECT_EQ(value.load().same[0], 600U) << "no update that was cut off counts";
}

}  // namespace
}  // namespace pinfold::testing

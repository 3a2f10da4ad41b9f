// Tasks that submit tasks and wait for them, as users write them, on each crew.

#include <gtest/gtest.h>

#include <chrono>
#include <numeric>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "on_each_crew.hpp"

namespace pinfold {
namespace {

class NestedTasks : public testing::OnEachCrew {
  protected:
    NestedTasks() : OnEachCrew(2) {}
};

int fib(int n) {
    if (n < 2) {
        return n;
    }
    auto one = submit(fib, n - 1);
    const int other = fib(n - 2);
    return one.get() + other;
}

TEST_P(NestedTasks, AddUp) {
    EXPECT_EQ(pool.submit(fib, 12).get(), 144);
}

TEST_P(NestedTasks, EndWithOneWorker) {
    pool = Pool({.crew = Crew::serial});
    pool = testing::make_pool(GetParam(), 1);
    EXPECT_EQ(pool.submit(fib, 15).get(), 610);
}

// Where a global Pool lies: in its workers, which are there before it is, these are zeros.
alignas(Pool) std::byte global_place[sizeof(Pool)];

TEST(GlobalPools, TellATaskOfTheirsToSubmitWithoutThem) {
    auto* const global = new (global_place) Pool({.workers = 1, .pin = "none"});
    const auto uses_it = global->submit(
        [] { return std::launder(reinterpret_cast<Pool*>(global_place))->submit(fib, 1).get(); });
    EXPECT_NE(testing::refusal<TaskFailed>([&] { uses_it.get(); }).find("submit(f) without a pool"),
              std::string::npos);
    global->~Pool();
}

int fail_deep(int depth) {
    if (depth == 0) {
        throw std::range_error("the cause");
    }
    return submit({.name = "inner"}, fail_deep, depth - 1).get();
}

/// However deep it lay; and each says that it was another one.
TEST_P(NestedTasks, TellTheCauseOfTheInnermost) {
    for (const int depth : {1, 2, 40}) {
        const auto future = pool.submit(fail_deep, depth);
        const std::string text = testing::refusal<TaskFailed>([&] { future.get(); });
        EXPECT_NE(text.find("attempt: pinfold::TaskFailed: task "), std::string::npos) << text;
        EXPECT_NE(text.find(" (inner) failed: std::range_error: the cause; to run it"),
                  std::string::npos)
            << text;
    }
}

std::string joined(const std::vector<std::string>& words) {
    std::vector<Future<std::string>> parts;
    for (const std::string& word : words) {
        parts.push_back(submit(
            {.name = "part"}, [](std::string w) { return w + w; }, word));
    }
    std::string all;
    for (const auto& part : parts) {
        all += part.get();
    }
    return all;
}

TEST_P(NestedTasks, CarryStrings) {
    EXPECT_EQ(pool.submit(joined, std::vector<std::string>{"a", "bc"}).get(), "aabcbc");
}

TEST_P(NestedTasks, ArePickedAsTheyEnd) {
    const auto sum = [](int n) {
        std::vector<Future<int>> squares;
        for (int x = 1; x <= n; ++x) {
            squares.push_back(submit([](int y) { return y * y; }, x));
        }
        int total = 0;
        for (auto& square : as_completed(squares)) {
            total += square.get();
        }
        total += static_cast<int>(wait(squares).done.size());
        return total;
    };
    EXPECT_EQ(pool.submit(sum, 100).get(), 338'350 + 100);  // more than a worker has slots
}

TEST_P(NestedTasks, FailIntoTheTaskThatWaits) {
    const auto outer = [] {
        auto inner = submit([]() -> int { throw std::domain_error("inner"); });
        try {
            return std::to_string(inner.get());
        } catch (const TaskFailed& failure) {
            return failure.details().exception_text;
        }
    };
    EXPECT_EQ(pool.submit(outer).get(), "inner");
    const auto through = [] { return submit([]() -> int { throw std::domain_error("x"); }).get(); };
    try {
        pool.submit(through).get();
        FAIL();
    } catch (const TaskFailed& failure) {
        EXPECT_NE(failure.details().exception_type.find("TaskFailed"), std::string::npos);
        EXPECT_NE(failure.details().exception_text.find("std::domain_error: x"), std::string::npos);
    }
}

TEST_P(NestedTasks, RefuseWhatPointsIntoTheStack) {
    const auto outer = [] {
        int local = 1;
        try {
            return submit([](const int* p) { return *p; }, &local).get();
        } catch (const std::invalid_argument&) {
            return -1;
        }
    };
    EXPECT_EQ(pool.submit(outer).get(), -1);
}

TEST_P(NestedTasks, GoOnByThenWhenTheyAreWaitedFor) {
    const auto outer = [](int x) {
        return submit([](int y) { return y + 1; }, x)
            .then([](int y) { return y * 2; })
            .on_error([](std::exception_ptr) { return 0; })
            .get();
    };
    EXPECT_EQ(pool.submit(outer, 4).get(), 10);
}

TEST_P(NestedTasks, RunInMapsToo) {
    const auto sum = map_reduce(
        pool, Range{0, 4},
        [](const Chunk& chunk) {
            return submit([](std::uint64_t k) { return k * 10; }, std::uint64_t{chunk.begin}).get();
        },
        std::plus<>{}, {.grain = 1});
    EXPECT_EQ(sum.value, 60U);
}

TEST_P(NestedTasks, KeepArraysOfTheirPool) {
    const auto numbers = pool.array(std::vector<int>(1000, 2));
    const auto outer = [](const shm::Array<int>& n) {
        auto sum = submit(
            [](const shm::Array<int>& all) { return std::accumulate(all.begin(), all.end(), 0); },
            n);
        return sum.get();
    };
    EXPECT_EQ(pool.submit(outer, numbers).get(), 2000);
    const auto dropping = [](const shm::Array<int>& n) {
        (void)submit([](const shm::Array<int>& all) { return all[0]; }, n);
        return 1;
    };
    EXPECT_EQ(pool.submit(dropping, numbers).get(), 1);
}

TEST(TasksWithoutAPool, AreRefusedOutside) {
    const std::string why = testing::refusal<std::logic_error>([] { (void)submit(fib, 1); });
    EXPECT_NE(why.find("pool.submit(f)"), std::string::npos) << why;
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, NestedTasks, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

}  // namespace
}  // namespace pinfold

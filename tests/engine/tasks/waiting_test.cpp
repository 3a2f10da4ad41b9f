// as_completed() and wait(), on each crew.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <list>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "gate.hpp"
#include "on_each_crew.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;
using testing::Gate;

int held_by(Gate* gate) {
    gate->pass();
    return 1;
}
int fails() {
    throw std::range_error("no");
}
int value(int x) {
    return x;
}

/// A gate that was made before the pool's workers.
struct BeforePool {
    testing::Shared<Gate> gate;
};

class Waiting : private BeforePool, public testing::OnEachCrew {
  protected:
    Waiting() : OnEachCrew(2) {}
    void TearDown() override {
        gate->open();
        OnEachCrew::TearDown();
    }

    [[nodiscard]] static bool runs_at_once() { return GetParam() == Crew::serial; }

    /// Fills with one task that is held, if tasks can be, and then with values from 1 on.
    void submit(int values) {
        if (!runs_at_once()) {
            futures.push_back(pool.submit(held_by, gate.get()));
        }
        for (int x = 1; x <= values; ++x) {
            futures.push_back(pool.submit(value, x));
        }
    }

    using BeforePool::gate;
    std::vector<Future<int>> futures;
};

TEST_P(Waiting, GivesEachFutureOnceWhenItIsDone) {
    submit(20);
    std::set<const Future<int>*> seen;
    std::size_t values = 0;
    for (auto& future : as_completed(futures)) {
        EXPECT_TRUE(future.done());
        EXPECT_TRUE(seen.insert(&future).second);
        if (++values == 20) {
            gate->open();
        }
    }
    EXPECT_EQ(seen.size(), futures.size());
    std::size_t again = 0;
    for (const auto& future : as_completed(std::as_const(futures))) {
        again += std::size_t{future.done()};
    }
    EXPECT_EQ(again, futures.size());
}

TEST_P(Waiting, GivesFailuresToo) {
    futures.push_back(pool.submit(fails));
    futures.push_back(pool.submit(value, 3));
    int sum = 0;
    int failed = 0;
    for (auto& future : as_completed(futures, 1h)) {
        try {
            sum += future.get();
        } catch (const TaskFailed&) {
            ++failed;
        }
    }
    EXPECT_EQ(sum, 3);
    EXPECT_EQ(failed, 1);
}

TEST_P(Waiting, TakesAnyContainer) {
    std::list<Future<int>> list;
    list.push_back(pool.submit(value, 1));
    list.push_back(pool.submit(value, 2));
    EXPECT_EQ(wait(list).done.size(), 2U);
    Future<int> array[] = {pool.submit(value, 3), pool.submit(value, 4)};
    int sum = 0;
    for (auto& future : as_completed(array)) {
        sum += future.get();
    }
    for (auto& future : as_completed(std::span(array).first(1))) {
        sum += future.get();
    }
    EXPECT_EQ(sum, 10);
    const std::vector<Future<int>> none;
    EXPECT_TRUE(wait(none, WaitFor::first_completed).done.empty());
    for (auto& future : as_completed(none)) {
        FAIL() << future.done();
    }
}

TEST_P(Waiting, EndsInTime) {
    if (runs_at_once()) {
        GTEST_SKIP() << "a pool of Crew::serial has no task that is not done";
    }
    submit(1);
    futures[1].wait();
    std::size_t given = 0;
    const auto go_on = [&](auto time) {
        for (auto& future : as_completed(futures, time)) {
            EXPECT_EQ(&future, &futures[1]);
            ++given;
        }
    };
    EXPECT_THROW(go_on(0s), Timeout);
    EXPECT_THROW(go_on(10ms), Timeout);
    EXPECT_EQ(given, 2U);
    for (const auto what : {WaitFor::all, WaitFor::first_exception}) {
        const auto waited = wait(futures, what, 0s);
        EXPECT_EQ(waited.done, (std::vector<Future<int>*>{&futures[1]}));
        EXPECT_EQ(waited.pending, (std::vector<Future<int>*>{&futures[0]}));
    }
    EXPECT_EQ(wait(futures, WaitFor::all, 5ms).done.size(), 1U);
    gate->open();
    EXPECT_TRUE(wait(futures, WaitFor::all, std::chrono::seconds(1'000'000'000)).pending.empty());
    EXPECT_TRUE(wait(futures, WaitFor::all, std::chrono::hours::max()).pending.empty());
}

TEST_P(Waiting, EndsWithTheFirst) {
    submit(1);
    const auto waited = wait(futures, WaitFor::first_completed);
    EXPECT_EQ(waited.done, (std::vector<Future<int>*>{&futures.back()}));
    EXPECT_EQ(waited.pending.size(), futures.size() - 1);
    gate->open();
    EXPECT_EQ(wait(futures).done.size(), futures.size());
}

TEST_P(Waiting, EndsWithTheFirstFailure) {
    submit(3);
    futures.push_back(pool.submit(fails));
    const auto waited = wait(futures, WaitFor::first_exception);
    EXPECT_EQ(std::ranges::count(waited.done, &futures.back()), 1);
    EXPECT_EQ(waited.pending.empty(), runs_at_once());
    futures.pop_back();
    gate->open();
    EXPECT_EQ(wait(futures, WaitFor::first_exception).done.size(), futures.size());
}

TEST_P(Waiting, WakesForATaskThatEndsMeanwhile) {
    if (runs_at_once()) {
        GTEST_SKIP() << "a pool of Crew::serial has no task that is not done";
    }
    futures.push_back(pool.submit(held_by, gate.get()));
    const std::jthread opener([this] {
        std::this_thread::sleep_for(20ms);
        gate->open();
    });
    EXPECT_EQ(wait(futures, WaitFor::first_completed, 1h).done.size(), 1U);
}

TEST_P(Waiting, SeesWhatWasCancelled) {
    if (runs_at_once()) {
        GTEST_SKIP() << "a pool of Crew::serial has no task that is not done";
    }
    futures.push_back(pool.submit(held_by, gate.get()));
    futures.push_back(pool.submit(held_by, gate.get()));
    ASSERT_TRUE(gate->wait_for(2));
    futures.push_back(pool.submit(value, 1));
    EXPECT_TRUE(futures.back().cancel());
    EXPECT_EQ(wait(futures, WaitFor::first_exception, 0s).done.size(), 1U);
    EXPECT_EQ(wait(futures, WaitFor::first_completed).pending.size(), 2U);
    gate->open();
    EXPECT_EQ(wait(futures).done.size(), 3U);
}

TEST_P(Waiting, GivesEachOfAHundredThousandOnce) {
    constexpr int count = 100'000;
    futures.reserve(count);
    for (int x = 0; x < count; ++x) {
        futures.push_back(pool.submit(value, x));
    }
    std::vector<bool> seen(count);
    int given = 0;
    for (const auto& future : as_completed(futures)) {
        const auto x = static_cast<std::size_t>(future.get());
        EXPECT_FALSE(seen[x]);
        seen[x] = true;
        ++given;
    }
    EXPECT_EQ(given, count);
}

TEST_P(Waiting, SeesAllOfAHundredThousand) {
    constexpr int count = 100'000;
    for (int x = 0; x < count; ++x) {
        futures.push_back(pool.submit(value, x));
    }
    EXPECT_FALSE(wait(futures, WaitFor::first_completed).done.empty());
    EXPECT_EQ(wait(futures).done.size(), std::size_t{count});
}

// More of them than a table has slots are done by others than who waits.
TEST_P(Waiting, GivesWhatCallbacksMakeAndWhatWasCancelled) {
    submit(1000);
    std::vector<Future<int>> twice;
    for (const auto& future : futures) {
        twice.push_back(future.then([](int x) { return 2 * x; }));
    }
    static_cast<void>(twice.back().cancel());
    gate->open();
    std::size_t given = 0;
    for (const auto& future : as_completed(twice)) {
        EXPECT_TRUE(future.done());
        ++given;
    }
    EXPECT_EQ(given, twice.size());
}

TEST_P(Waiting, MeetsEndsThatAreJustBeingTold) {
    for (int round = 0; round < 2000; ++round) {
        std::vector<Future<int>> twice;
        for (int x = 0; x < 20; ++x) {
            twice.push_back(pool.submit(value, x).then([](int y) { return 2 * y; }));
        }
        std::size_t given = 0;
        for (const auto& future : as_completed(twice)) {
            EXPECT_TRUE(future.done());
            ++given;
        }
        ASSERT_EQ(given, twice.size()) << round;
    }
}

TEST_P(Waiting, TakesFuturesOfSeveralPools) {
    Pool other = testing::make_pool(GetParam(), 2);
    for (int x = 0; x < 300; ++x) {
        futures.push_back((x % 3 == 0 ? other : pool).submit(value, x));
    }
    std::set<int> values;
    for (const auto& future : as_completed(futures, 1h)) {
        values.insert(future.get());
    }
    EXPECT_EQ(values.size(), 300U);
}

TEST_P(Waiting, ManyMayWaitForTheSame) {
    submit(500);
    std::atomic<std::size_t> given{0};
    {
        std::vector<std::jthread> waiters;
        for (int i = 0; i < 4; ++i) {
            waiters.emplace_back([this, &given] {
                for (const auto& future : as_completed(std::as_const(futures))) {
                    given += std::size_t{future.done()};
                }
            });
        }
        for (const auto& future : as_completed(futures)) {
            static_cast<void>(future);
            gate->open();
            break;  // forgets the others
        }
    }
    EXPECT_EQ(given.load(), 4 * futures.size());
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Waiting, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

}  // namespace
}  // namespace pinfold

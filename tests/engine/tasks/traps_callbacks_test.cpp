// What functions of then() and on_error() may do to the thread that calls them.
#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "task_traps.hpp"

namespace pinfold::testing {
namespace {

class CallbackTraps : public TaskTraps {};
PINFOLD_ON_WORKERS(CallbackTraps);

constexpr auto add_one = [](int value) { return value + 1; };

TEST_P(CallbackTraps, OneThatThrowsHarmsNobody) {
    const auto future = pool.submit(add_one, 1);
    const auto bad =
        future.then([](int) -> int { throw std::domain_error("thrown in a callback"); });
    const auto good = future.then(add_one);
    EXPECT_THROW(bad.get(), std::domain_error);
    EXPECT_EQ(good.get(), 3);
    EXPECT_EQ(future.get(), 2);
    EXPECT_EQ(pool.submit(add_one, 5).then(add_one).get(), 7);
}

TEST_P(CallbackTraps, OneThatThrowsWhatIsNoExceptionHarmsNobody) {
    const auto future = pool.submit(add_one, 1);
    const auto bad = future.then([](int) { throw 7; });
    EXPECT_THROW(bad.get(), int);
    EXPECT_EQ(future.then(add_one).get(), 3);
}

TEST_P(CallbackTraps, OneMaySubmit) {
    const auto future =
        pool.submit(add_one, 1).then([this](int value) { return pool.submit(add_one, value); });
    EXPECT_EQ(future.get(), 3);
}

/// More than the table holds are under way, so some of these submits wait for room.
TEST_P(CallbackTraps, ManyThatSubmitAllComeToAnEnd) {
    Pool small({.crew = GetParam(), .workers = 2, .pin = "none", .task_slots = 2});
    std::vector<Future<int>> futures;
    for (int i = 0; i < 50; ++i) {
        futures.push_back(small.submit(add_one, i).then([&small](int value) {
            return small.submit(add_one, value);
        }));
    }
    for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i + 2);
    }
}

/// What is left to be called is no task, so it waits for nothing that waits for it.
TEST_P(CallbackTraps, OneThatShutsDownHangsNobody) {
    const auto future = pool.submit(add_one, 1);
    const auto later = pool.submit(pass, AtGate{gate.get()}, 5);
    const auto after = future.then([this, &later](int) {
        gate->open();
        pool.shutdown(Shutdown::wait);
        return later.done();
    });
    EXPECT_TRUE(after.get());
    EXPECT_EQ(later.then(add_one).get(), 6);
    pool.shutdown(Shutdown::wait);
    EXPECT_NE(refusal<std::logic_error>([&] { (void)pool.submit(add_one, 1); }), "accepted");
}

TEST_P(CallbackTraps, OneMayDropAndCancelFutures) {
    std::vector<Future<int>> held;
    for (int i = 0; i < 4; ++i) {
        held.push_back(pool.submit(pass, AtGate{gate.get()}, i));
    }
    ASSERT_TRUE(gate->wait_for(2));
    Future<int> pending = pool.submit(pass, AtGate{gate.get()}, 9);
    const auto after = held.front().then([&](int) {
        pending.cancel();
        held.back() = {};
        return pending.done();
    });
    gate->open();
    after.wait();
    EXPECT_EQ(held[1].get(), 1);
    expect_usable();
}

/// Each has a future that nobody keeps, and the last one holds them all.
TEST_P(CallbackTraps, ThousandsInAChainAreCalledInOrder) {
    constexpr int links = 20'000;
    Future<int> last = pool.submit(pass, AtGate{gate.get()}, 0);
    for (int i = 0; i < links; ++i) {
        last = last.then(add_one);
    }
    EXPECT_FALSE(last.done());
    gate->open();
    EXPECT_EQ(last.get(), links);
}

TEST_P(CallbackTraps, AFailureGoesDownALongChain) {
    constexpr int links = 20'000;
    Future<int> last = pool.submit([]() -> int { throw std::range_error("at the head"); });
    for (int i = 0; i < links; ++i) {
        last = last.then(add_one);
    }
    EXPECT_EQ(failure_of(last).exception_text, "at the head");
    EXPECT_EQ(last.on_error([](const std::exception_ptr&) { return 8; }).get(), 8);
}

TEST_P(CallbackTraps, ALongChainThatNobodyWaitsForEndsWithItsPool) {
    {
        Future<int> last = pool.submit(pass, AtGate{gate.get()}, 0);
        for (int i = 0; i < 20'000; ++i) {
            last = last.then(add_one);
        }
    }
    gate->open();
    expect_usable();
}

TEST_P(CallbackTraps, ManyOfOneFutureAreCalledInTheirOrder) {
    const auto future = pool.submit(add_one, 1);
    std::vector<int> called;
    std::vector<Future<void>> all;
    for (int i = 0; i < 1000; ++i) {
        all.push_back(future.then([&called, i](int) { called.push_back(i); }));
    }
    wait(all);
    ASSERT_EQ(called.size(), 1000U);
    EXPECT_TRUE(std::is_sorted(called.begin(), called.end()));
}

}  // namespace
}  // namespace pinfold::testing

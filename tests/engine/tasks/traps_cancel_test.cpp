// Cancelling, shutting down and waiting with a time, at the moments that are known to go wrong.
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <thread>
#include <vector>

#include "task_traps.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class CancelTraps : public TaskTraps {
  protected:
    /// Holds both workers; then nothing starts.
    std::vector<Future<int>> hold_workers() {
        std::vector<Future<int>> held;
        for (int i = 0; i < 2; ++i) {
            held.push_back(pool.submit(pass, AtGate{gate.get()}, i));
        }
        EXPECT_TRUE(gate->wait_for(2));
        return held;
    }
};
PINFOLD_ON_WORKERS(CancelTraps);

struct Counted {
    std::atomic<std::uint64_t>* count;
};
constexpr auto count_one = [](const Counted& c) { return c.count->fetch_add(1); };

TEST_P(CancelTraps, ADoneTaskKeepsItsValue) {
    Future<int> future = pool.submit([] { return 4; });
    future.wait();
    EXPECT_FALSE(future.cancel());
    EXPECT_FALSE(future.cancelled());
    EXPECT_EQ(future.get(), 4);
}

TEST_P(CancelTraps, ARunningTaskRunsOn) {
    std::vector<Future<int>> held = hold_workers();
    EXPECT_TRUE(held[0].running());
    EXPECT_FALSE(held[0].cancel());
    gate->open();
    EXPECT_EQ(held[0].get(), 0);
    EXPECT_FALSE(held[0].cancelled());
}

TEST_P(CancelTraps, ARunningTaskIsKilledWhereThatWasAskedFor) {
    if (!has_processes()) {
        EXPECT_NE(refusal([&] {
                      (void)pool.submit(TaskOptions{.kill_on_cancel = true}, [] { return 1; });
                  }),
                  "accepted");
        return;
    }
    Future<int> future =
        pool.submit(TaskOptions{.kill_on_cancel = true}, pass, AtGate{gate.get()}, 1);
    ASSERT_TRUE(gate->wait_for(1));
    EXPECT_TRUE(future.cancel());
    EXPECT_THROW(future.get(), Cancelled);
    gate->open();
    for (int i = 0; i < 10; ++i) {
        expect_usable();
    }
    EXPECT_EQ(gate->arrived(), 1U) << "it has started again";
}

TEST_P(CancelTraps, APendingTaskNeverRuns) {
    const std::vector<Future<int>> held = hold_workers();
    auto future = pool.submit(count_one, Counted{runs.get()});
    EXPECT_TRUE(future.cancel());
    EXPECT_TRUE(future.cancelled());
    EXPECT_TRUE(future.done());
    EXPECT_FALSE(future.running());
    EXPECT_THROW(future.get(), Cancelled);
    gate->open();
    wait(held);
    expect_usable();
    EXPECT_EQ(runs->load(), 0U);
}

/// Either it is cancelled, or it has run once and has its value.
TEST_P(CancelTraps, ATaskThatIsAboutToStartRunsOrIsCancelled) {
    std::uint64_t values = 0;
    for (int i = 0; i < 3000; ++i) {
        auto future = pool.submit(count_one, Counted{runs.get()});
        for (int spin = 0; spin < i % 64; ++spin) {
            std::atomic_signal_fence(std::memory_order_seq_cst);
        }
        if (i % 2 == 0) {
            (void)future.wait_for(std::chrono::microseconds(i % 16));
        }
        if (future.cancel()) {
            EXPECT_THROW(future.get(), Cancelled);
        } else {
            (void)future.get();
            ++values;
        }
    }
    EXPECT_EQ(runs->load(), values);
}

/// Python's wait() hangs over these, bpo-39530 and its like.
TEST_P(CancelTraps, WhoWaitsOverWhatAShutdownCancelsReturns) {
    const std::vector<Future<int>> held = hold_workers();
    std::vector<Future<int>> pending;
    for (int i = 0; i < 20; ++i) {
        pending.push_back(pool.submit(pass, AtGate{gate.get()}, i));
    }
    std::atomic<std::size_t> waited{0};
    std::atomic<std::size_t> completed{0};
    std::jthread waiter([&] { waited = wait(pending, WaitFor::all, 1h).done.size(); });
    std::jthread reader([&] {
        for (const auto& future : as_completed(pending, 1h)) {
            completed += future.cancelled() ? 1U : 0U;
        }
    });
    std::jthread closer([&] { pool.shutdown(Shutdown::cancel_pending); });
    waiter.join();
    reader.join();
    gate->open();
    closer.join();
    EXPECT_EQ(waited, 20U);
    EXPECT_EQ(completed, 20U);
    EXPECT_EQ(held[0].get() + held[1].get(), 1);
}

TEST_P(CancelTraps, NothingIsTakenAfterAShutdownAndAllValuesStay) {
    const auto future = pool.submit([] { return std::string(1000, 'x'); });
    pool.shutdown(Shutdown::wait);
    EXPECT_NE(refusal<std::logic_error>([&] { (void)pool.submit([] { return 1; }); }), "accepted");
    EXPECT_NE(refusal<std::logic_error>([&] { (void)pool.submit([] {}); }), "accepted");
    EXPECT_EQ(future.get(), std::string(1000, 'x'));
    pool.shutdown(Shutdown::wait);
    pool.shutdown(Shutdown::cancel_pending);
}

TEST_P(CancelTraps, AShutdownKillsWhatRunsWhereThatIsPossible) {
    const std::vector<Future<int>> held = hold_workers();
    if (has_processes()) {
        pool.shutdown(Shutdown::kill);
        EXPECT_THROW(held[0].get(), Cancelled);
        EXPECT_THROW(held[1].get(), Cancelled);
    } else {
        EXPECT_NE(refusal([&] { pool.shutdown(Shutdown::kill); }), "accepted");
    }
    gate->open();
}

TEST_P(CancelTraps, ATimeOfNothingOnlyLooks) {
    std::vector<Future<int>> held = hold_workers();
    EXPECT_THROW(held[0].get_for(0s), Timeout);
    EXPECT_THROW(held[0].get_for(-5s), Timeout);
    EXPECT_FALSE(held[0].wait_for(0ns));
    EXPECT_EQ(wait(held, WaitFor::all, 0s).pending.size(), 2U);
    EXPECT_EQ(wait(held, WaitFor::first_completed, 0s).done.size(), 0U);
    EXPECT_THROW(
        for (auto& future
             : as_completed(held, 0s)) { future.wait(); },
        Timeout);
    gate->open();
    wait(held);
    EXPECT_EQ(held[1].get_for(0s), 1);
    EXPECT_TRUE(held[1].wait_for(0s));
    EXPECT_EQ(wait(held, WaitFor::all, 0s).done.size(), 2U);
}

/// 10^9 s are 10^18 ns, and added to a clock some more; the longest time that has a type is longer.
TEST_P(CancelTraps, ALongTimeIsNoShortOne) {
    std::vector<Future<int>> held = hold_workers();
    std::jthread opener([&] {
        std::this_thread::sleep_for(20ms);
        gate->open();
    });
    EXPECT_EQ(held[0].get_for(1'000'000'000s), 0);
    EXPECT_TRUE(held[1].wait_for(1'000'000'000s));
    EXPECT_EQ(wait(held, WaitFor::all, 1'000'000'000s).done.size(), 2U);
    int values = 0;
    for (const auto& future : as_completed(held, std::chrono::hours::max())) {
        values += 1 + future.get();
    }
    EXPECT_EQ(values, 3);
    EXPECT_EQ(pool.submit([] { return 6; }).get_for(std::chrono::years::max()), 6);
}

}  // namespace
}  // namespace pinfold::testing

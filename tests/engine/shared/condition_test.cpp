#include <pinfold/engine/shared/condition.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <pinfold/engine/shared/process.hpp>
#include <pinfold/pinfold.hpp>
#include <thread>

#include "crews.hpp"
#include "dying_workers.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class ConditionOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, ConditionOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

/// The host takes as many items as maps put down, at most two of which lie there.
template <typename Lock>
void expect_all_items_to_pass(Pool& pool) {
    constexpr int items = 300;
    const Lock mutex(pool);
    const Condition changed(pool);
    const auto number = pool.array<int>(1);
    std::thread taker([&] {
        for (int taken = 0; taken < items; ++taken) {
            std::unique_lock lock(mutex);
            changed.wait(lock, [&] { return number[0] != 0; });
            --number[0];
            lock.unlock();
            changed.notify_all();
        }
    });
    for_each_chunk(pool, Range{0, items},
                   [mutex, changed, number](const Chunk&) {
                       std::unique_lock lock(mutex);
                       while (number[0] == 2) {
                           changed.wait(lock);
                       }
                       ++number[0];
                       changed.notify_all();
                   },
                   {.grain = 1});
    taker.join();
    EXPECT_EQ(number[0], 0);
}

TEST_P(ConditionOnEachCrew, WakesWhoeverWaits) {
    expect_all_items_to_pass<Mutex>(pool);
}

TEST_P(ConditionOnEachCrew, TakesARecursiveMutexToo) {
    expect_all_items_to_pass<RecursiveMutex>(pool);
}

TEST_P(ConditionOnEachCrew, SaysWhetherTheTimeIsOver) {
    Mutex mutex(pool);  // whose lock is a std::unique_lock<Mutex>, without const
    const Condition condition(pool);
    std::unique_lock lock(mutex);
    EXPECT_EQ(condition.wait_for(lock, 1ms), std::cv_status::timeout);
    EXPECT_EQ(condition.wait_until(lock, std::chrono::system_clock::now() + 1ms),
              std::cv_status::timeout);
    EXPECT_FALSE(condition.wait_for(lock, 1ms, [] { return false; }));
    EXPECT_FALSE(condition.wait_for(lock, -1ms, [] { return false; }));
    EXPECT_FALSE(
        condition.wait_until(lock, std::chrono::steady_clock::now() + 1ms, [] { return false; }));
    EXPECT_TRUE(condition.wait_for(lock, 1h, [] { return true; }));
    bool is_told = false;
    std::thread teller([&] {
        const std::lock_guard guard(mutex);
        is_told = true;
        condition.notify_one();
    });
    EXPECT_TRUE(condition.wait_for(lock, 1h, [&] { return is_told; }));
    EXPECT_TRUE(lock.owns_lock());
    teller.join();
}

TEST_P(ConditionOnEachCrew, RefusesMisuse) {
    const Condition condition(pool);
    const Mutex mutex(pool);
    std::unique_lock lock(mutex, std::defer_lock);
    EXPECT_EQ(refusal<std::system_error>([&] { condition.wait(lock); }),
              "Condition::wait(): the lock is not held: Operation not permitted");
    lock.lock();
    std::thread([&] { EXPECT_THROW(condition.wait(lock), std::system_error); }).join();
    const RecursiveMutex recursive(pool);
    const std::lock_guard outer(recursive);
    std::unique_lock inner(recursive);
    EXPECT_EQ(refusal<std::system_error>([&] { condition.wait(inner); }),
              "Condition::wait(): the calling thread holds the mutex 2 times, and would let go of "
              "one: Operation not permitted");
    EXPECT_TRUE(inner.owns_lock());
}

TEST_P(ConditionOnEachCrew, EndsForThoseWhoWait) {
    std::optional<Condition> condition(std::in_place, pool);
    const Mutex mutex(pool);
    const View view(*condition);
    std::thread waiter = start_to_wait([&] {
        std::unique_lock lock(mutex);
        EXPECT_THROW(view->wait(lock), ObjectEnded);
        EXPECT_TRUE(lock.owns_lock());
    });
    condition.reset();
    waiter.join();
}

TEST_P(ConditionOnEachCrew, TellsAWaiterWhoseMutexEnded) {
    const Condition condition(pool);
    std::optional<Mutex> mutex(std::in_place, pool);
    const View view(*mutex);
    std::thread waiter = start_to_wait([&] {
        std::unique_lock lock(*view);
        EXPECT_THROW(condition.wait(lock), ObjectEnded);
        EXPECT_FALSE(lock.owns_lock());
    });
    mutex.reset();
    condition.notify_all();
    waiter.join();
}

TEST_P(ConditionOnEachCrew, GivesItsMemoryBack) {
    const Mutex mutex(pool);
    { const Condition first(pool); }
    const std::size_t before = pool.arena()->used_bytes();
    for (int i = 0; i < 100; ++i) {
        const Condition condition(pool);
        std::unique_lock lock(mutex);
        EXPECT_EQ(condition.wait_for(lock, 0ms), std::cv_status::timeout);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

/// Of two Processes that wait, one is woken, and dies before it took what it was woken for.
TEST(ConditionOfProcesses, WakesAnotherForOneThatDied) {
    Pool pool({.crew = Crew::processes, .workers = 1});
    const Mutex mutex(pool);
    const Condition changed(pool);
    const auto items = pool.array<int>(1);
    const auto woken = pool.array<std::atomic<int>>(1);
    const auto take = [&] {
        std::unique_lock lock(mutex, std::defer_lock);
        static_cast<void>(mutex.lock_or_recover());
        lock = std::unique_lock(mutex, std::adopt_lock);
        try {
            while (items[0] == 0) {
                changed.wait(lock);
                if (++woken[0] == 1) {
                    kill(getpid(), SIGKILL);
                }
            }
        } catch (const OwnerDied&) {
            EXPECT_TRUE(mutex.lock_or_recover());
            lock = std::unique_lock(mutex, std::adopt_lock);
            mutex.make_consistent();
        }
        --items[0];
    };
    Process first(pool, take);
    Process second(pool, take);
    std::this_thread::sleep_for(10ms);
    {
        const std::lock_guard guard(mutex);
        items[0] = 1;
    }
    changed.notify_one();
    first.join();
    second.join();
    EXPECT_EQ(*first.exit_code() + *second.exit_code(), -SIGKILL) << "one died, the other took it";
    EXPECT_EQ(items[0], 0);
}

}  // namespace
}  // namespace pinfold::testing

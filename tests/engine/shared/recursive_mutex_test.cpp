#include <pinfold/engine/shared/recursive_mutex.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <thread>

#include "crews.hpp"
#include "dying_workers.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class RecursiveMutexOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, RecursiveMutexOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(RecursiveMutexOnEachCrew, KeepsMapsApart) {
    const auto total = pool.array<long>(1);
    const RecursiveMutex mutex(pool);
    for_each_chunk(pool, Range{0, 1000},
                   [total, mutex](const Chunk& chunk) {
                       const std::lock_guard outer(mutex);
                       for (auto i = chunk.begin; i < chunk.end; ++i) {
                           const std::lock_guard inner(mutex);
                           const long before = total[0];
                           std::this_thread::yield();
                           total[0] = before + 1;
                       }
                   },
                   {.grain = 10});
    EXPECT_EQ(total[0], 1000);
    EXPECT_EQ(mutex.depth(), 0U);
}

TEST_P(RecursiveMutexOnEachCrew, IsFreeWhenItWasUnlockedAsOften) {
    const RecursiveMutex mutex(pool);
    const auto is_free = [&] {
        bool got_it = false;
        std::thread([&] {
            got_it = mutex.try_lock_for(1ms);
            if (got_it) {
                mutex.unlock();
            }
        }).join();
        return got_it;
    };
    mutex.lock();
    EXPECT_TRUE(mutex.try_lock());
    EXPECT_TRUE(mutex.try_lock_until(std::chrono::steady_clock::now() - 1s));
    EXPECT_EQ(mutex.depth(), 3U);
    for (int i = 0; i < 3; ++i) {
        EXPECT_FALSE(is_free());
        mutex.unlock();
    }
    EXPECT_TRUE(is_free());
}

TEST_P(RecursiveMutexOnEachCrew, RefusesMisuse) {
    const RecursiveMutex mutex(pool);
    EXPECT_EQ(refusal<std::system_error>([&] { mutex.unlock(); }),
              "RecursiveMutex::unlock(): the calling thread does not hold it; nobody holds it: "
              "Operation not permitted");
    EXPECT_THROW(mutex.make_consistent(), std::system_error);
    const std::lock_guard guard(mutex);
    std::thread([&] { EXPECT_THROW(mutex.unlock(), std::system_error); }).join();
}

TEST_P(RecursiveMutexOnEachCrew, TellsOfAThreadThatEnded) {
    const RecursiveMutex mutex(pool);
    std::thread([&] {
        mutex.lock();
        mutex.lock();
    }).join();
    EXPECT_THROW(mutex.lock(), OwnerDied);
    EXPECT_TRUE(mutex.lock_or_recover());
    mutex.lock();  // it holds it, and was told
    mutex.make_consistent();
    mutex.unlock();
    mutex.unlock();
    EXPECT_FALSE(mutex.lock_or_recover());
    mutex.unlock();
}

TEST_P(RecursiveMutexOnEachCrew, EndsForThoseWhoWait) {
    std::optional<RecursiveMutex> mutex(std::in_place, pool);
    const View view(*mutex);
    mutex->lock();
    std::thread waiter = start_to_wait([&] { EXPECT_THROW(view->lock(), ObjectEnded); });
    mutex.reset();
    waiter.join();
}

TEST(RecursiveMutexOfProcesses, TellsOfAWorkerThatDied) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const RecursiveMutex mutex(pool);
    die_after(pool, [mutex] {
        mutex.lock();
        mutex.lock();
    });
    EXPECT_THROW(mutex.lock(), OwnerDied);
    EXPECT_TRUE(mutex.lock_or_recover());
    mutex.make_consistent();
    mutex.unlock();
    const std::lock_guard guard(mutex);
}

}  // namespace
}  // namespace pinfold::testing

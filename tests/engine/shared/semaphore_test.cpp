#include <pinfold/engine/shared/semaphore.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <pinfold/engine/shared/bounded_semaphore.hpp>
#include <pinfold/pinfold.hpp>
#include <stdexcept>
#include <thread>

#include "crews.hpp"
#include "dying_workers.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class SemaphoreOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, SemaphoreOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(SemaphoreOnEachCrew, IsAcquiredAsOftenAsItWasReleased) {
    const Semaphore semaphore(pool);
    std::thread host([&] {
        for (int i = 0; i < 200; ++i) {
            semaphore.acquire();
        }
    });
    for_each_chunk(pool, Range{0, 200}, [semaphore](const Chunk&) { semaphore.release(); },
                   {.grain = 1});
    host.join();
    EXPECT_EQ(semaphore.value(), 0U);
    EXPECT_FALSE(semaphore.try_acquire());
    EXPECT_FALSE(semaphore.try_acquire_for(1ms));
    EXPECT_FALSE(semaphore.try_acquire_for(-1ms));
    EXPECT_FALSE(semaphore.try_acquire_until(std::chrono::system_clock::now() + 1ms));
    semaphore.release(2);
    EXPECT_TRUE(semaphore.try_acquire());
    EXPECT_TRUE(semaphore.try_acquire_for(1s));
}

TEST_P(SemaphoreOnEachCrew, BeginsAsItIsTold) {
    EXPECT_EQ(Semaphore(pool, 3).value(), 3U);
    EXPECT_EQ(Semaphore(pool, Semaphore::max()).value(), Semaphore::max());
    EXPECT_THROW(Semaphore(pool, Semaphore::max() + 1), std::invalid_argument);
}

TEST_P(SemaphoreOnEachCrew, RefusesMoreThanItsLimit) {
    const Semaphore semaphore(pool, Semaphore::max() - 1);
    EXPECT_EQ(refusal<std::system_error>([&] { semaphore.release(2); }),
              "Semaphore::release(): 2 more would be beyond its limit of 2147483647: Value too "
              "large for defined data type");
    EXPECT_EQ(semaphore.value(), Semaphore::max() - 1);
    semaphore.release();
}

TEST_P(SemaphoreOnEachCrew, EndsForThoseWhoWait) {
    std::optional<Semaphore> semaphore(std::in_place, pool);
    const View view(*semaphore);
    std::thread waiter = start_to_wait([&] { EXPECT_THROW(view->acquire(), ObjectEnded); });
    semaphore.reset();
    waiter.join();
}

class BoundedSemaphoreOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, BoundedSemaphoreOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(BoundedSemaphoreOnEachCrew, LetsOnlySoManyIn) {
    const BoundedSemaphore semaphore(pool, 2);
    const auto inside = pool.array<std::atomic<int>>(1);
    const auto most = map_reduce(
        pool, Range{0, 300},
        [semaphore, inside](const Chunk&) {
            semaphore.acquire();
            const int now = ++inside[0];
            std::this_thread::yield();
            --inside[0];
            semaphore.release();
            return now;
        },
        [](int a, int b) { return std::max(a, b); }, {.grain = 1});
    EXPECT_GE(most.value, 1);
    EXPECT_LE(most.value, 2);
    EXPECT_EQ(semaphore.available(), 2U);
    EXPECT_EQ(semaphore.permits(), 2U);
}

TEST_P(BoundedSemaphoreOnEachCrew, RefusesMisuse) {
    EXPECT_THROW(BoundedSemaphore(pool, 0), std::invalid_argument);
    EXPECT_THROW(BoundedSemaphore(pool, 65'536), std::invalid_argument);
    const BoundedSemaphore semaphore(pool, 2);
    EXPECT_EQ(refusal<std::system_error>([&] { semaphore.release(); }),
              "BoundedSemaphore::release(): the calling thread holds none of its 2 permits, of "
              "which 2 are free: Operation not permitted");
    semaphore.acquire();
    std::thread([&] {
        EXPECT_THROW(semaphore.release(), std::system_error) << "it is another's";
        semaphore.acquire();
        EXPECT_FALSE(semaphore.try_acquire());
        EXPECT_FALSE(semaphore.try_acquire_for(1ms));
        EXPECT_FALSE(semaphore.try_acquire_until(std::chrono::steady_clock::now() - 1ms));
        semaphore.release();
    }).join();
    semaphore.release();
    EXPECT_THROW(semaphore.release(), std::system_error) << "once too often";
    EXPECT_EQ(semaphore.available(), 2U);
}

TEST_P(BoundedSemaphoreOnEachCrew, IsALockOfTheStandardLibrary) {
    const BoundedSemaphore semaphore(pool, 2);
    {
        const std::lock_guard permit(semaphore);
        std::unique_lock other(semaphore, 1ms);
        EXPECT_TRUE(other.owns_lock());
        EXPECT_EQ(semaphore.available(), 0U);
        EXPECT_FALSE(std::unique_lock(semaphore, std::try_to_lock).owns_lock());
        EXPECT_FALSE(std::unique_lock(semaphore, std::chrono::steady_clock::now()).owns_lock());
        other.unlock();
        EXPECT_EQ(semaphore.available(), 1U);
    }
    EXPECT_EQ(semaphore.available(), 2U);
}

TEST_P(BoundedSemaphoreOnEachCrew, GetsPermitsBackFromAThreadThatEnded) {
    const BoundedSemaphore semaphore(pool, 2);
    std::thread([&] {
        semaphore.acquire();
        semaphore.acquire();
    }).join();
    EXPECT_EQ(semaphore.available(), 2U);
}

TEST_P(BoundedSemaphoreOnEachCrew, EndsForThoseWhoWait) {
    std::optional<BoundedSemaphore> semaphore(std::in_place, pool, 1);
    const View view(*semaphore);
    semaphore->acquire();
    std::thread waiter = start_to_wait([&] { EXPECT_THROW(view->acquire(), ObjectEnded); });
    semaphore.reset();
    waiter.join();
}

TEST(SemaphoresOfProcesses, GetBackPermitsAndNoSignalsFromAWorkerThatDied) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const Semaphore signals(pool, 2);
    const BoundedSemaphore permits(pool, 1);
    die_after(pool, [signals, permits] {
        signals.acquire();
        permits.acquire();
    });
    permits.acquire();  // also where the worker is not buried yet
    permits.release();
    EXPECT_EQ(signals.value(), 1U);
}

}  // namespace
}  // namespace pinfold::testing

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <pinfold/engine/shared/mutex.hpp>
#include <pinfold/pinfold.hpp>
#include <system_error>
#include <thread>

#include "crews.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class MutexOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, MutexOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(MutexOnEachCrew, KeepsMapsApart) {
    const auto total = pool.array<long>(1);
    const Mutex mutex(pool);
    for_each_chunk(pool, Range{0, 2000},
                   [total, mutex](const Chunk& chunk) {
                       for (auto i = chunk.begin; i < chunk.end; ++i) {
                           const std::lock_guard guard(mutex);
                           const long before = total[0];
                           std::this_thread::yield();
                           total[0] = before + 1;
                       }
                   },
                   {.grain = 10});
    EXPECT_EQ(total[0], 2000);
}

TEST_P(MutexOnEachCrew, IsOneForAllCopies) {
    const Mutex mutex(pool);
    const std::unique_lock lock(mutex);
    const Mutex copy = mutex;
    std::thread([&] {
        EXPECT_FALSE(copy.try_lock());
        EXPECT_FALSE(copy.try_lock_for(1ms));
        EXPECT_FALSE(copy.try_lock_for(-1ms));
        EXPECT_FALSE(copy.try_lock_until(std::chrono::steady_clock::time_point::min()));
        EXPECT_FALSE(copy.try_lock_until(std::chrono::system_clock::now() + 1ms));
    }).join();
}

TEST_P(MutexOnEachCrew, RefusesMisuse) {
    const Mutex mutex(pool);
    EXPECT_EQ(refusal<std::system_error>([&] { mutex.unlock(); }),
              "Mutex::unlock(): the calling thread does not hold it; nobody holds it: Operation "
              "not permitted");
    EXPECT_THROW(mutex.make_consistent(), std::system_error);
    mutex.lock();
    EXPECT_EQ(refusal<std::system_error>([&] { mutex.lock(); }),
              "Mutex::lock(): the calling thread holds it already: Resource deadlock avoided");
    std::thread([&] { EXPECT_THROW(mutex.unlock(), std::system_error); }).join();
    mutex.unlock();
}

TEST_P(MutexOnEachCrew, IsNotForAMovedHandle) {
    Mutex mutex(pool);
    const Mutex other = std::move(mutex);
    EXPECT_THROW(mutex.lock(), std::logic_error);
    other.lock();
    other.unlock();
}

TEST_P(MutexOnEachCrew, TellsOfAThreadThatEnded) {
    const Mutex mutex(pool);
    std::thread([&] { mutex.lock(); }).join();
    EXPECT_THROW(mutex.lock(), OwnerDied);
    EXPECT_TRUE(mutex.lock_or_recover());
    mutex.make_consistent();
    mutex.unlock();
    EXPECT_FALSE(mutex.lock_or_recover());
    mutex.unlock();
}

TEST_P(MutexOnEachCrew, GivesItsMemoryBack) {
    { const Mutex first(pool); }
    const std::size_t before = pool.arena()->used_bytes();
    for (int i = 0; i < 1000; ++i) {
        const Mutex mutex(pool);
        const std::lock_guard guard(mutex);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

TEST_P(MutexOnEachCrew, MayOutliveItsPool) {
    std::optional<Mutex> mutex;
    {
        Pool short_lived({.crew = GetParam(), .workers = 1});
        mutex.emplace(short_lived);
    }
    mutex->lock();
    mutex->unlock();
}

TEST_P(MutexOnEachCrew, IsNotForAChildOfTheProgram) {
    const Mutex mutex(pool);
    mutex.lock();
    const pid_t child = fork();
    if (child == 0) {
        try {
            mutex.unlock();
            _exit(1);
        } catch (const std::logic_error&) {
            _exit(0);
        }
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    mutex.unlock();
}

/// A worker dies while it holds the mutex.
void abandon(Pool& pool, const Mutex& mutex) {
    const auto job = [mutex](const Chunk&) {
        mutex.lock();
        kill(getpid(), SIGKILL);
    };
    EXPECT_THROW(for_each_chunk(pool, Range{0, 1}, job, {.max_attempts = 1}), JobFailed);
}

TEST(MutexOfProcesses, TellsOfAWorkerThatDied) {
    Pool pool({.crew = Crew::processes, .workers = 3});
    const Mutex mutex(pool);
    abandon(pool, mutex);
    EXPECT_THROW(mutex.lock(), OwnerDied);
    const auto told = map_reduce(pool, Range{0, 8},
                                 [mutex](const Chunk&) {
                                     const bool is_told = mutex.lock_or_recover();
                                     if (is_told) {
                                         mutex.make_consistent();
                                     }
                                     mutex.unlock();
                                     return is_told ? 1 : 0;
                                 },
                                 std::plus<>{}, {.grain = 1});
    EXPECT_EQ(told.value, 1) << "one is told, and mends it";
    mutex.lock();
    mutex.unlock();
}

}  // namespace
}  // namespace pinfold::testing

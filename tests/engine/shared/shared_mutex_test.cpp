#include <pinfold/engine/shared/shared_mutex.hpp>

#include <gtest/gtest.h>

#include <chrono>
#include <mutex>
#include <optional>
#include <pinfold/pinfold.hpp>
#include <shared_mutex>
#include <thread>

#include "crews.hpp"
#include "dying_workers.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class SharedMutexOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, SharedMutexOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(SharedMutexOnEachCrew, ShowsReadersNothingHalfDone) {
    const auto pair = pool.array<long>(2);
    const SharedMutex mutex(pool);
    const auto torn = map_reduce(pool, Range{0, 2000},
                                 [pair, mutex](const Chunk& chunk) {
                                     long found = 0;
                                     for (auto i = chunk.begin; i < chunk.end; ++i) {
                                         if (i % 4 == 0) {
                                             const std::lock_guard writer(mutex);
                                             ++pair[0];
                                             std::this_thread::yield();
                                             ++pair[1];
                                         } else {
                                             const std::shared_lock reader(mutex);
                                             found += pair[0] != pair[1] ? 1 : 0;
                                         }
                                     }
                                     return found;
                                 },
                                 std::plus<>{}, {.grain = 10});
    EXPECT_EQ(torn.value, 0);
    EXPECT_EQ(pair[1], 500);
}

TEST_P(SharedMutexOnEachCrew, IsReadByManyAndWrittenByOne) {
    const SharedMutex mutex(pool);
    {
        const std::shared_lock reader(mutex);
        std::thread([&] {
            const std::shared_lock other(mutex, 1s);
            EXPECT_TRUE(other.owns_lock());
        }).join();
        std::thread([&] {
            EXPECT_FALSE(mutex.try_lock());
            EXPECT_FALSE(mutex.try_lock_for(1ms));
            EXPECT_FALSE(mutex.try_lock_until(std::chrono::system_clock::now() + 1ms));
        }).join();
    }
    const std::unique_lock writer(mutex, 1s);
    EXPECT_TRUE(writer.owns_lock());
    std::thread([&] {
        EXPECT_FALSE(mutex.try_lock_shared());
        EXPECT_FALSE(mutex.try_lock_shared_for(1ms));
        EXPECT_FALSE(mutex.try_lock_shared_until(std::chrono::system_clock::now() + 1ms));
        EXPECT_FALSE(mutex.try_lock());
    }).join();
}

TEST_P(SharedMutexOnEachCrew, RefusesMisuse) {
    const SharedMutex mutex(pool);
    EXPECT_EQ(refusal<std::system_error>([&] { mutex.unlock(); }),
              "SharedMutex::unlock(): the calling thread does not hold it; nobody holds it: "
              "Operation not permitted");
    EXPECT_EQ(refusal<std::system_error>([&] { mutex.unlock_shared(); }),
              "SharedMutex::unlock_shared(): the calling thread does not hold it to read: "
              "Operation not permitted");
    EXPECT_THROW(mutex.make_consistent(), std::system_error);
    mutex.lock_shared();
    EXPECT_THROW(mutex.lock_shared(), std::system_error);
    EXPECT_EQ(refusal<std::system_error>([&] { mutex.lock(); }),
              "SharedMutex::lock(): the calling thread holds it already: Resource deadlock "
              "avoided");
    EXPECT_THROW(mutex.unlock(), std::system_error);
    mutex.unlock_shared();
    mutex.lock();
    EXPECT_THROW(mutex.lock(), std::system_error);
    EXPECT_THROW(mutex.lock_shared(), std::system_error);
    EXPECT_THROW(mutex.unlock_shared(), std::system_error);
    mutex.unlock();
}

TEST_P(SharedMutexOnEachCrew, LosesNothingWithAReaderWhoseThreadEnded) {
    const SharedMutex mutex(pool);
    std::thread([&] { mutex.lock_shared(); }).join();
    const std::lock_guard writer(mutex);
}

TEST_P(SharedMutexOnEachCrew, TellsOfAWriterWhoseThreadEnded) {
    const SharedMutex mutex(pool);
    std::thread([&] { mutex.lock(); }).join();
    EXPECT_THROW(mutex.lock(), OwnerDied);
    EXPECT_THROW(mutex.lock_shared(), OwnerDied);
    EXPECT_THROW(static_cast<void>(mutex.try_lock_shared()), OwnerDied);
    EXPECT_TRUE(mutex.lock_or_recover());
    mutex.unlock();
    EXPECT_TRUE(mutex.lock_shared_or_recover()) << "nobody said that it is whole";
    mutex.make_consistent();
    mutex.unlock_shared();
    EXPECT_FALSE(mutex.lock_shared_or_recover());
    mutex.unlock_shared();
    EXPECT_FALSE(mutex.lock_or_recover());
    mutex.unlock();
}

TEST_P(SharedMutexOnEachCrew, EndsForThoseWhoWait) {
    std::optional<SharedMutex> mutex(std::in_place, pool);
    const View view(*mutex);
    mutex->lock();
    std::thread reader = start_to_wait([&] { EXPECT_THROW(view->lock_shared(), ObjectEnded); });
    std::thread writer = start_to_wait([&] { EXPECT_THROW(view->lock(), ObjectEnded); });
    mutex.reset();
    reader.join();
    writer.join();
}

TEST_P(SharedMutexOnEachCrew, GivesItsMemoryBack) {
    { const SharedMutex first(pool); }
    const std::size_t before = pool.arena()->used_bytes();
    for (int i = 0; i < 100; ++i) {
        const SharedMutex mutex(pool);
        const std::shared_lock guard(mutex);
    }
    EXPECT_EQ(pool.arena()->used_bytes(), before);
}

TEST(SharedMutexOfProcesses, LosesNothingWithAReaderThatDied) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const SharedMutex mutex(pool);
    die_after(pool, [mutex] { mutex.lock_shared(); });
    const std::lock_guard writer(mutex);
}

TEST(SharedMutexOfProcesses, TellsOfAWriterThatDied) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const SharedMutex mutex(pool);
    die_after(pool, [mutex] { mutex.lock(); });
    EXPECT_THROW(mutex.lock_shared(), OwnerDied);
    EXPECT_TRUE(mutex.lock_or_recover());
    mutex.make_consistent();
    mutex.unlock();
    const std::shared_lock reader(mutex);
}

}  // namespace
}  // namespace pinfold::testing

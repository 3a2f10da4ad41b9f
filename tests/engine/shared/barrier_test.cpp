#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <optional>
#include <pinfold/engine/shared/barrier.hpp>
#include <pinfold/engine/shared/value.hpp>
#include <pinfold/pinfold.hpp>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "on_each_crew.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class BarrierOnEachCrew : public OnEachCrew {};
INSTANTIATE_TEST_SUITE_P(Crews, BarrierOnEachCrew, ::testing::ValuesIn(all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

TEST_P(BarrierOnEachCrew, LetsAllGoTogetherAgainAndAgain) {
    constexpr int laps = 500;
    constexpr int threads = 4;
    const Barrier barrier(pool, threads);
    std::atomic<int> at_lap = 0;
    std::atomic<int> last_ones = 0;
    {
        std::vector<std::jthread> running;
        for (int thread = 0; thread < threads; ++thread) {
            running.emplace_back([&] {
                for (int lap = 0; lap < laps; ++lap) {
                    at_lap.fetch_add(1);
                    last_ones += barrier.arrive_and_wait() ? 1 : 0;
                    EXPECT_GE(at_lap.load(), (lap + 1) * threads);
                    last_ones += barrier.arrive_and_wait() ? 1 : 0;
                }
                barrier.leave();
            });
        }
    }
    EXPECT_EQ(at_lap, laps * threads);
    EXPECT_EQ(last_ones, 2 * laps) << "one a lap";
    EXPECT_FALSE(barrier.is_broken());
    EXPECT_EQ(barrier.arrived(), 0U);
}

TEST_P(BarrierOnEachCrew, BreaksWhenAMemberEnds) {
    const Barrier barrier(pool, 3);
    std::thread waiter([&] { EXPECT_THROW(barrier.arrive_and_wait(), BarrierBroken); });
    while (barrier.arrived() == 0) {
        std::this_thread::yield();
    }
    std::thread([&] { EXPECT_THROW(barrier.arrive_and_wait_for(0s), Timeout); }).join();
    waiter.join();
    EXPECT_TRUE(barrier.is_broken());
    EXPECT_THROW(barrier.arrive_and_wait(), BarrierBroken);
    barrier.reset();
    EXPECT_FALSE(barrier.is_broken());
}

TEST_P(BarrierOnEachCrew, TellsThoseWhoWaitOfAResetAndOfAnAbort) {
    const Barrier barrier(pool, 2);
    for (const bool by_abort : {false, true}) {
        std::thread waiter([&] { EXPECT_THROW(barrier.arrive_and_wait(), BarrierBroken); });
        while (barrier.arrived() == 0) {
            std::this_thread::yield();
        }
        by_abort ? barrier.abort() : barrier.reset();
        waiter.join();
        barrier.reset();
    }
}

TEST_P(BarrierOnEachCrew, HasNoPlaceForMoreThanItsMembers) {
    const Barrier barrier(pool, 1);
    EXPECT_TRUE(barrier.arrive_and_wait());
    std::thread([&] {
        EXPECT_EQ(
            refusal<std::logic_error>([&] { barrier.arrive_and_wait(); }),
            "Barrier::arrive_and_wait(): all 1 members are other threads; leave() makes room");
    }).join();
    barrier.leave();
    std::thread([&] { EXPECT_TRUE(barrier.arrive_and_wait()); }).join();
    EXPECT_NE(refusal([&] { const Barrier none(pool, 0); }), "accepted");
    EXPECT_NE(refusal([&] { const Barrier many(pool, 5000); }), "accepted");
}

TEST_P(BarrierOnEachCrew, EndsForThoseWhoWait) {
    std::optional<Barrier> barrier(std::in_place, pool, 2U);
    // The bytes alone, as another process has them.
    alignas(Barrier) std::byte view[sizeof(Barrier)];
    std::memcpy(view, &*barrier, sizeof(Barrier));
    std::thread waiter(
        [&] { EXPECT_THROW(reinterpret_cast<Barrier*>(view)->arrive_and_wait(), ObjectEnded); });
    while (barrier->arrived() == 0) {
        std::this_thread::yield();
    }
    barrier.reset();
    waiter.join();
}

TEST(BarrierOfProcesses, LetsWorkersGoAndBreaksWhenOneDies) {
    Pool pool({.crew = Crew::processes, .workers = 3});
    const Barrier barrier(pool, 3);
    const Value<int> passed(pool);
    const Value<int> broken(pool);
    const auto meet = [=](const Chunk& chunk) {
        barrier.arrive_and_wait();
        passed += 1;
        if (chunk.index == 1) {
            kill(getpid(), SIGKILL);
        }
        try {
            barrier.arrive_and_wait();
        } catch (const BarrierBroken&) {
            broken += 1;
        }
    };
    EXPECT_THROW(for_each_chunk(pool, Range{0, 3}, meet, {.grain = 1, .max_attempts = 1}),
                 JobFailed);
    EXPECT_EQ(passed.load(), 3);
    EXPECT_EQ(broken.load(), 2);
}

}  // namespace
}  // namespace pinfold::testing

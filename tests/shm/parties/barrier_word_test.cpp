#include <pinfold/shm/parties/barrier_word.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <pinfold/shm/parties/owner_word.hpp>
#include <thread>
#include <vector>

#include "parties/shared_roster.hpp"

namespace pinfold::shm {
namespace {

using Passed = BarrierWord::Passed;
using testing::SharedRoster;

struct TwoMeet {
    BarrierWord word;
    std::array<BarrierWord::Member, 2> places;
};

class ABarrier : public ::testing::Test {
  protected:
    [[nodiscard]] BarrierWord& make() {
        BarrierWord& barrier = shared.make<TwoMeet>().word;
        barrier.set_members(2);
        return barrier;
    }

    SharedRoster shared;
    Roster& roster = shared.roster();
};

/// A member that stays until its thread ends would else run out of names.
TEST_F(ABarrier, IsForgottenByItsMembersOnceItHasEnded) {
    std::vector<BarrierWord*> ended;
    for (int i = 0; i < 100; ++i) {
        BarrierWord& barrier = make();
        std::thread([&] {
            EXPECT_EQ(barrier.arrive_and_wait(roster, at_once), Passed::no_time);
        }).join();
        barrier.reset(roster);
        EXPECT_EQ(barrier.arrive_and_wait(roster, at_once), Passed::no_time) << i;
        EXPECT_TRUE(roster.is_anyone_at(&barrier, sizeof(TwoMeet)));
        barrier.end();
        ended.push_back(&barrier);
    }
    auto& word = shared.make<OwnerWord>();
    EXPECT_EQ(word.take(roster, at_once, false), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
    BarrierWord& next = make();
    EXPECT_EQ(next.arrive_and_wait(roster, at_once), Passed::no_time);
    for (const BarrierWord* const each : ended) {
        EXPECT_FALSE(roster.is_anyone_at(each, sizeof(TwoMeet))) << "its memory may be used again";
    }
}

/// A time-out that comes with the last arrival breaks its own lap, or none.
TEST_F(ABarrier, IsNotBrokenByOneThatHasPassed) {
    constexpr int laps = 3000;
    BarrierWord& barrier = make();
    int passed = 0;
    std::atomic<int> lap = 0;
    std::thread other([&] {
        for (int i = 1; i <= laps; ++i) {
            while (lap.load() < i) {
            }
            for (int turn = 0; turn < i % 512; ++turn) {
                static_cast<void>(lap.load());
            }
            static_cast<void>(barrier.arrive_and_wait(roster, after(std::chrono::seconds(60))));
            lap.store(-i);
        }
        EXPECT_TRUE(barrier.leave(roster));
    });
    for (int i = 1; i <= laps; ++i) {
        lap.store(i);
        const Passed how = barrier.arrive_and_wait(
            roster, i % 8 == 0 ? for_ever : after(std::chrono::microseconds(i % 16)));
        const bool has_passed = how == Passed::yes || how == Passed::yes_last;
        EXPECT_TRUE(has_passed || how == Passed::no_time) << static_cast<int>(how);
        EXPECT_EQ(barrier.is_whole(), has_passed);
        passed += has_passed ? 1 : 0;
        while (lap.load() != -i) {
        }
        barrier.reset(roster);
    }
    other.join();
    EXPECT_GE(passed, laps / 8);
    EXPECT_TRUE(barrier.leave(roster));
}

}  // namespace
}  // namespace pinfold::shm

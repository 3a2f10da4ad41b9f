#include <pinfold/shm/parties/condition_word.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <pinfold/shm/parties/recursive_word.hpp>
#include <thread>
#include <vector>

#include "parties/guarded_items.hpp"

namespace pinfold::shm {
namespace {

using testing::GuardedItems;
using testing::SharedRoster;

constexpr std::uint32_t everybody = std::numeric_limits<std::uint32_t>::max();

class Condition : public ::testing::Test {
  protected:
    SharedRoster shared;
    Roster& roster = shared.roster();
    GuardedItems& items = shared.make<GuardedItems>();
};

TEST_F(Condition, WakesWhoeverWaitsForWhatItTells) {
    std::vector<std::unique_ptr<ChildProcess>> takers;
    for (ProcessNumber number = 1; number <= 3; ++number) {
        takers.push_back(shared.start(number, [&] { return items.take(roster) ? 0 : 1; }));
    }
    usleep(10'000);
    items.add(roster, 2, 1);
    items.add(roster, 1, everybody);
    for (const auto& taker : takers) {
        EXPECT_EQ(taker->exit_code(), 0);
    }
    EXPECT_EQ(items.number, 0);
}

TEST_F(Condition, TellsThatTheTimeIsOver) {
    EXPECT_EQ(items.mutex.take(roster, for_ever, false), Taken::yes);
    EXPECT_EQ(items.wait(roster, after(std::chrono::milliseconds(3))), Taken::no_time);
    EXPECT_EQ(items.mutex.take(roster, for_ever, false), Taken::yes) << "it was let go of";
    EXPECT_EQ(items.wait(roster, at_once), Taken::no_time);
    EXPECT_EQ(items.condition.ring(roster, 1), Taken::yes) << "nobody waits";
}

TEST_F(Condition, PassesOnWhatADeadOneWasWokenFor) {
    auto& woken = shared.make<std::atomic<int>>();
    std::vector<std::unique_ptr<ChildProcess>> takers;
    for (ProcessNumber number = 1; number <= 2; ++number) {
        takers.push_back(shared.start(number, [&, number] {
            // The first to be woken holds the lock and stays there.
            return items.take(roster,
                              [&] {
                                  if (woken.exchange(number) == 0) {
                                      pause();
                                  }
                              })
                       ? 0
                       : 1;
        }));
    }
    usleep(10'000);
    items.add(roster, 1, 1);
    while (woken == 0) {
        std::this_thread::yield();
    }
    const int dead = woken;
    shared.kill(*takers[static_cast<std::size_t>(dead - 1)], static_cast<ProcessNumber>(dead));
    EXPECT_EQ(takers[static_cast<std::size_t>(2 - dead)]->exit_code(), 0)
        << "nobody but the burial rings for the other one";
    EXPECT_EQ(items.number, 0);
}

TEST_F(Condition, EndsForThoseWhoWait) {
    auto waiter = shared.start(1, [&] {
        static_cast<void>(items.mutex.take(roster, for_ever, false));
        return items.wait(roster, for_ever) == Taken::no_more ? 0 : 1;
    });
    usleep(10'000);
    items.condition.end();
    EXPECT_EQ(waiter->exit_code(), 0);
    EXPECT_EQ(items.condition.ring(roster, 1), Taken::no_more);
    EXPECT_EQ(items.mutex.take(roster, for_ever, false), Taken::yes);
    EXPECT_EQ(items.wait(roster, for_ever), Taken::no_more);
    EXPECT_TRUE(items.mutex.let_go(roster)) << "it was not let go of";
}

TEST_F(Condition, IsWaitedForNoLongerWhenNobodyBuriesAnyMore) {
    auto waiter = shared.start(1, [&] {
        static_cast<void>(items.mutex.take(roster, for_ever, false));
        return items.wait(roster, for_ever) == Taken::no_broken ? 0 : 1;
    });
    usleep(10'000);
    roster.break_up();
    EXPECT_EQ(waiter->exit_code(), 0);
}

TEST(Recursive, IsLetGoOfAsOftenAsItWasTaken) {
    SharedRoster shared;
    Roster& roster = shared.roster();
    auto& word = shared.make<RecursiveWord>();
    EXPECT_FALSE(word.let_go(roster));
    for (std::uint32_t depth = 1; depth <= 3; ++depth) {
        EXPECT_EQ(word.take(roster, for_ever, false), Taken::yes);
        EXPECT_EQ(word.depth(roster), depth);
    }
    for (int i = 0; i < 3; ++i) {
        std::thread([&] {
            EXPECT_EQ(word.take(roster, at_once, false), Taken::no_time);
            EXPECT_EQ(word.depth(roster), 0U);
            EXPECT_FALSE(word.let_go(roster));
        }).join();
        EXPECT_TRUE(word.let_go(roster));
    }
    EXPECT_FALSE(word.let_go(roster));
    EXPECT_EQ(word.take(roster, at_once, false), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

TEST(Recursive, TellsOfAnOwnerWhoDiedHoweverOftenItHadIt) {
    SharedRoster shared;
    Roster& roster = shared.roster();
    auto& word = shared.make<RecursiveWord>();
    auto owner = shared.start(1, [&] {
        static_cast<void>(word.take(roster, for_ever, false));
        return word.take(roster, for_ever, false) == Taken::yes ? 0 : 1;
    });
    EXPECT_EQ(owner->exit_code(), 0);
    roster.bury(1);
    EXPECT_EQ(word.take(roster, for_ever, false), Taken::no_abandoned);
    EXPECT_EQ(word.take(roster, for_ever, true), Taken::yes_abandoned);
    EXPECT_EQ(word.take(roster, for_ever, true), Taken::yes_abandoned);
    EXPECT_EQ(word.take(roster, for_ever, false), Taken::yes) << "it has it, and was told";
    EXPECT_TRUE(word.make_consistent(roster));
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(word.let_go(roster));
    }
    EXPECT_FALSE(word.let_go(roster));
    EXPECT_EQ(word.take(roster, for_ever, false), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

}  // namespace
}  // namespace pinfold::shm

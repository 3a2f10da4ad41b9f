// Semaphores, bounded or not, and events: what threads wait for that others signal.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <pinfold/shm/parties/bounded_word.hpp>
#include <pinfold/shm/parties/event_word.hpp>
#include <pinfold/shm/parties/semaphore_word.hpp>
#include <thread>
#include <vector>

#include "parties/shared_roster.hpp"

namespace pinfold::shm {
namespace {

using Raised = SemaphoreWord::Raised;
using testing::SharedRoster;

class Signals : public ::testing::Test {
  protected:
    /// Children, numbered from 1, which leave with 0 where `call` returns `expected`.
    template <typename Call>
    [[nodiscard]] std::vector<std::unique_ptr<ChildProcess>> start(int children, Taken expected,
                                                                   Call call) {
        std::vector<std::unique_ptr<ChildProcess>> started;
        for (int number = 1; number <= children; ++number) {
            started.push_back(shared.start(static_cast<ProcessNumber>(number), [call, expected] {
                return call() == expected ? 0 : 1;
            }));
        }
        usleep(10'000);  // most of them sleep by now; the others come later
        return started;
    }

    static void expect_all_to_end_well(std::vector<std::unique_ptr<ChildProcess>>& children) {
        for (const auto& child : children) {
            EXPECT_EQ(child->exit_code(), 0);
        }
    }

    SharedRoster shared;
    Roster& roster = shared.roster();
};

class ASemaphore : public Signals {
  protected:
    SemaphoreWord& word = shared.make<SemaphoreWord>();
};

TEST_F(ASemaphore, IsLoweredAsOftenAsItWasRaised) {
    EXPECT_EQ(word.lower(roster, at_once), Taken::no_time);
    EXPECT_EQ(word.lower(roster, after(std::chrono::milliseconds(3))), Taken::no_time);
    EXPECT_EQ(word.raise(roster, 3), Raised::yes);
    EXPECT_EQ(word.raise(roster, 0), Raised::yes);
    EXPECT_EQ(word.value(), 3U);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(word.lower(roster, for_ever), Taken::yes);
    }
    EXPECT_EQ(word.lower(roster, at_once), Taken::no_time);
}

TEST_F(ASemaphore, IsNotRaisedBeyondItsLimit) {
    EXPECT_EQ(word.raise(roster, SemaphoreWord::most), Raised::yes);
    EXPECT_EQ(word.raise(roster, 1), Raised::too_high);
    EXPECT_EQ(word.value(), SemaphoreWord::most);
    EXPECT_EQ(word.lower(roster, at_once), Taken::yes);
    EXPECT_EQ(word.raise(roster, 2), Raised::too_high);
    EXPECT_EQ(word.raise(roster, 1), Raised::yes);
}

TEST_F(ASemaphore, WakesAsManyAsCanGoOn) {
    auto waiters = start(4, Taken::yes, [this] { return word.lower(roster, for_ever); });
    EXPECT_EQ(word.raise(roster, 1), Raised::yes);
    EXPECT_EQ(word.raise(roster, 3), Raised::yes);
    expect_all_to_end_well(waiters);
    EXPECT_EQ(word.value(), 0U);
}

TEST_F(ASemaphore, GetsNothingBackFromTheDead) {
    EXPECT_EQ(word.raise(roster, 2), Raised::yes);
    auto owner = start(1, Taken::yes, [this] { return word.lower(roster, for_ever); });
    expect_all_to_end_well(owner);
    roster.bury(1);
    EXPECT_EQ(word.value(), 1U);
}

TEST_F(ASemaphore, EndsForThoseWhoWait) {
    auto waiters = start(3, Taken::no_more, [this] { return word.lower(roster, for_ever); });
    word.end();
    expect_all_to_end_well(waiters);
    EXPECT_EQ(word.raise(roster, 1), Raised::no_more);
    EXPECT_EQ(word.value(), 0U);
}

TEST_F(ASemaphore, IsWaitedForNoLongerWhenNobodyBuriesAnyMore) {
    auto waiters = start(2, Taken::no_broken, [this] { return word.lower(roster, for_ever); });
    roster.break_up();
    expect_all_to_end_well(waiters);
}

class Places : public Signals {
  protected:
    [[nodiscard]] BoundedWord& make(std::uint32_t places) {
        return BoundedWord::make(shared.zeros(BoundedWord::bytes_for(places)), places);
    }

    BoundedWord& word = make(3);
};

TEST_F(Places, AreThoseOfTheThreadsThatTookThem) {
    EXPECT_FALSE(word.give_back(roster)) << "it has none";
    EXPECT_EQ(word.take(roster, for_ever), Taken::yes);
    EXPECT_EQ(word.take(roster, for_ever), Taken::yes);
    std::thread([&] {
        EXPECT_EQ(word.take(roster, for_ever), Taken::yes);
        EXPECT_EQ(word.take(roster, at_once), Taken::no_time);
        EXPECT_EQ(word.take(roster, after(std::chrono::milliseconds(3))), Taken::no_time);
        EXPECT_EQ(word.free_places(), 0U);
        EXPECT_TRUE(word.give_back(roster));
        EXPECT_FALSE(word.give_back(roster)) << "the others are another's";
    }).join();
    EXPECT_TRUE(word.give_back(roster));
    EXPECT_TRUE(word.give_back(roster));
    EXPECT_FALSE(word.give_back(roster));
    EXPECT_EQ(word.free_places(), 3U);
}

TEST_F(Places, AreAsManyAsASeatCanName) {
    BoundedWord& many = make(100);
    for (std::size_t i = 0; i < 30; ++i) {
        EXPECT_EQ(many.take(roster, at_once), Taken::yes);
    }
    EXPECT_EQ(many.take(roster, at_once), Taken::no_room);
    for (std::size_t i = 0; i < 30; ++i) {
        EXPECT_TRUE(many.give_back(roster));
    }
    EXPECT_EQ(many.free_places(), 100U);
}

TEST_F(Places, AreNeverGivenTwice) {
    constexpr int turns = 5000;
    auto& inside = shared.make<std::atomic<int>>();
    auto children = start(5, Taken::yes, [&] {
        for (int turn = 0; turn < turns; ++turn) {
            if (word.take(roster, for_ever) != Taken::yes || inside.fetch_add(1) >= 3) {
                return Taken::no_own;
            }
            inside.fetch_sub(1);
            static_cast<void>(word.give_back(roster));
        }
        return Taken::yes;
    });
    expect_all_to_end_well(children);
    EXPECT_EQ(word.free_places(), 3U);
}

TEST_F(Places, ComeBackFromTheDead) {
    auto owners = start(3, Taken::yes, [this] { return word.take(roster, for_ever); });
    expect_all_to_end_well(owners);
    EXPECT_EQ(word.take(roster, at_once), Taken::no_time) << "nobody is dead before its burial";
    std::thread waiter([&] { EXPECT_EQ(word.take(roster, for_ever), Taken::yes); });
    usleep(10'000);
    roster.bury(2);
    waiter.join();  // whose end is a death too
    EXPECT_EQ(word.free_places(), 1U);
    roster.bury(1);
    roster.bury(3);
    EXPECT_EQ(word.free_places(), 3U);
}

TEST_F(Places, EndForThoseWhoWait) {
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(word.take(roster, at_once), Taken::yes);
    }
    auto waiters = start(2, Taken::no_more, [this] { return word.take(roster, for_ever); });
    word.end();
    expect_all_to_end_well(waiters);
    for (int i = 0; i < 4; ++i) {
        EXPECT_TRUE(word.give_back(roster)) << "does nothing but forget";
    }
    EXPECT_FALSE(roster.is_anyone_at(&word, BoundedWord::bytes_for(3)));
}

class AnEvent : public Signals {
  protected:
    EventWord& word = shared.make<EventWord>();
};

TEST_F(AnEvent, IsSetOrNot) {
    EXPECT_FALSE(word.is_set());
    EXPECT_EQ(word.wait(roster, at_once), Taken::no_time);
    EXPECT_EQ(word.wait(roster, after(std::chrono::milliseconds(3))), Taken::no_time);
    EXPECT_EQ(word.set(roster), Taken::yes);
    EXPECT_EQ(word.set(roster), Taken::yes);
    EXPECT_TRUE(word.is_set());
    EXPECT_EQ(word.wait(roster, at_once), Taken::yes);
    EXPECT_EQ(word.wait(roster, for_ever), Taken::yes);
    EXPECT_EQ(word.clear(roster), Taken::yes);
    EXPECT_FALSE(word.is_set());
}

TEST_F(AnEvent, LetsAllGoWhoWaitAlsoWhereItIsClearedAtOnce) {
    auto& waiting = shared.make<std::atomic<int>>();
    auto waiters = start(4, Taken::yes, [&] {
        ++waiting;
        return word.wait(roster, for_ever);
    });
    while (waiting < 4) {
        std::this_thread::yield();
    }
    usleep(20'000);  // each has looked by now
    EXPECT_EQ(word.set(roster), Taken::yes);
    EXPECT_EQ(word.clear(roster), Taken::yes);
    expect_all_to_end_well(waiters);
}

TEST_F(AnEvent, EndsForThoseWhoWait) {
    auto waiters = start(2, Taken::no_more, [this] { return word.wait(roster, for_ever); });
    word.end();
    expect_all_to_end_well(waiters);
    EXPECT_EQ(word.set(roster), Taken::no_more);
    EXPECT_EQ(word.clear(roster), Taken::no_more);
    EXPECT_FALSE(word.is_set());
}

TEST_F(AnEvent, IsWaitedForNoLongerWhenNobodyBuriesAnyMore) {
    auto waiters = start(2, Taken::no_broken, [this] { return word.wait(roster, for_ever); });
    roster.break_up();
    expect_all_to_end_well(waiters);
}

}  // namespace
}  // namespace pinfold::shm

#include <pinfold/shm/parties/owner_word.hpp>

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <latch>
#include <thread>
#include <vector>

#include "parties/shared_roster.hpp"

namespace pinfold::shm {
namespace {

using Taken = OwnerWord::Taken;
using testing::SharedRoster;

class Owner : public ::testing::Test {
  protected:
    [[nodiscard]] Taken take(Until until = for_ever, bool accepts_abandoned = false) {
        return word.take(roster, until, accepts_abandoned);
    }

    SharedRoster shared;
    Roster& roster = shared.roster();
    OwnerWord& word = shared.make<OwnerWord>();
};

TEST_F(Owner, IsOneThread) {
    EXPECT_EQ(word.owner(), detail::no_token);
    EXPECT_EQ(take(), Taken::yes);
    EXPECT_TRUE(word.is_owner(roster));
    EXPECT_EQ(roster.pid_of(word.owner()), getpid());
    std::thread([&] {
        EXPECT_FALSE(word.is_owner(roster));
        EXPECT_EQ(take(at_once), Taken::no_time);
        EXPECT_EQ(take(after(std::chrono::milliseconds(5))), Taken::no_time);
        EXPECT_FALSE(word.let_go(roster)) << "it is another's";
    }).join();
    EXPECT_TRUE(word.let_go(roster));
    EXPECT_FALSE(word.let_go(roster)) << "it is nobody's";
    EXPECT_EQ(take(at_once), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Owner, CannotTakeItAgain) {
    EXPECT_EQ(take(), Taken::yes);
    EXPECT_EQ(take(), Taken::no_own);
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Owner, EndsForGoodWhileItsOwnerLetsItGo) {
    constexpr int times = 3000;
    std::vector<OwnerWord*> words(times);
    for (OwnerWord*& each : words) {
        each = &shared.make<OwnerWord>();
    }
    std::atomic<int> at = 0;  // both begin each word at the same time
    const auto meet = [&at](int number) {
        at.fetch_add(1);
        while (at.load() < number) {
        }
    };
    std::thread owner([&] {
        for (int i = 0; i < times; ++i) {
            EXPECT_EQ(words[static_cast<std::size_t>(i)]->take(roster, for_ever, false),
                      Taken::yes);
            meet(2 * i + 2);
            EXPECT_TRUE(words[static_cast<std::size_t>(i)]->let_go(roster));
        }
    });
    for (int i = 0; i < times; ++i) {
        meet(2 * i + 2);
        for (int turn = 0; turn < i % 64; ++turn) {
            static_cast<void>(at.load());
        }
        words[static_cast<std::size_t>(i)]->end();
    }
    owner.join();
    for (OwnerWord* const each : words) {
        EXPECT_TRUE(each->has_ended());
    }
}

TEST_F(Owner, MayOwnOnlySoManyWords) {
    std::vector<OwnerWord*> words;
    Taken taken = Taken::yes;
    while (words.size() < 100) {
        words.push_back(&shared.make<OwnerWord>());
        taken = words.back()->take(roster, for_ever, false);
        if (taken != Taken::yes) {
            break;
        }
    }
    EXPECT_EQ(taken, Taken::no_room);
    EXPECT_EQ(words.size(), 32U) << "30, the one in the first place, and the one too many";
    words.pop_back();
    for (OwnerWord* const held : words) {  // in the order in which they were taken
        EXPECT_TRUE(held->let_go(roster));
    }
    EXPECT_EQ(take(), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

/// The one that it takes first has a place of its own in its seat, and those of others are none of
/// its business, in whatever order it lets go.
TEST_F(Owner, MayLetGoInAnyOrder) {
    std::array<OwnerWord*, 3> words{&word, &shared.make<OwnerWord>(), &shared.make<OwnerWord>()};
    std::array<std::size_t, 3> order{0, 1, 2};
    do {
        for (OwnerWord* const each : words) {
            EXPECT_EQ(each->take(roster, for_ever, false), Taken::yes);
        }
        for (const std::size_t each : order) {
            EXPECT_TRUE(words[each]->is_owner(roster));
            EXPECT_TRUE(words[each]->let_go(roster));
            EXPECT_EQ(words[each]->owner(), detail::no_token);
            EXPECT_FALSE(words[each]->let_go(roster));
        }
    } while (std::ranges::next_permutation(order).found);
}

/// One that is told of a death keeps that through whatever it does with other words meanwhile.
TEST_F(Owner, LeavesAbandonedWhatItDidNotMend) {
    std::thread([&] { EXPECT_EQ(take(), Taken::yes); }).join();
    auto& other = shared.make<OwnerWord>();
    EXPECT_EQ(take(for_ever, true), Taken::yes_abandoned);
    EXPECT_EQ(other.take(roster, for_ever, false), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
    EXPECT_TRUE(other.let_go(roster));
    EXPECT_EQ(take(), Taken::no_abandoned);
    EXPECT_EQ(take(for_ever, true), Taken::yes_abandoned);
    EXPECT_TRUE(word.make_consistent(roster));
    EXPECT_TRUE(word.let_go(roster));
    EXPECT_EQ(take(), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Owner, KeepsOthersOutInEveryProcess) {
    constexpr int turns = 20'000;
    constexpr int processes = 4;
    int& counter = shared.make<int>();
    std::vector<std::unique_ptr<ChildProcess>> children;
    for (int number = 1; number <= processes; ++number) {
        children.push_back(shared.start(static_cast<ProcessNumber>(number), [&] {
            for (int turn = 0; turn < turns; ++turn) {
                if (take() != Taken::yes) {
                    return 1;
                }
                ++counter;
                static_cast<void>(word.let_go(roster));
            }
            return 0;
        }));
    }
    for (const auto& child : children) {
        EXPECT_EQ(child->exit_code(), 0);
    }
    EXPECT_EQ(counter, turns * processes);
}

TEST_F(Owner, ThatDiesIsToldToTheNext) {
    auto owner = shared.start(1, [&] { return take() == Taken::yes ? 0 : 1; });
    EXPECT_EQ(owner->exit_code(), 0);
    EXPECT_EQ(take(at_once), Taken::no_time) << "nobody is dead before its burial";
    roster.bury(1);
    EXPECT_EQ(take(), Taken::no_abandoned);
    EXPECT_EQ(word.owner(), detail::no_token);
    EXPECT_EQ(take(for_ever, true), Taken::yes_abandoned);
    EXPECT_TRUE(word.let_go(roster));
    EXPECT_EQ(take(for_ever, true), Taken::yes_abandoned) << "nobody said that it is whole";
    EXPECT_TRUE(word.make_consistent(roster));
    EXPECT_TRUE(word.let_go(roster));
    EXPECT_EQ(take(), Taken::yes);
    EXPECT_TRUE(word.let_go(roster));
}

TEST_F(Owner, ThatDiesWakesAllWhoWait) {
    std::atomic<int>& is_held = shared.make<std::atomic<int>>();
    auto owner = shared.start(1, [&] {
        static_cast<void>(take());
        is_held = 1;
        pause();
        return 1;
    });
    while (is_held == 0) {
        std::this_thread::yield();
    }
    std::vector<std::unique_ptr<ChildProcess>> waiters;
    for (ProcessNumber number = 2; number < 6; ++number) {
        waiters.push_back(
            shared.start(number, [&] { return take() == Taken::no_abandoned ? 0 : 1; }));
    }
    usleep(20'000);  // most of them sleep by now; the others come later, and are told as well
    shared.kill(*owner, 1);
    for (const auto& waiter : waiters) {
        EXPECT_EQ(waiter->exit_code(), 0);
    }
    EXPECT_EQ(take(for_ever, true), Taken::yes_abandoned);
}

TEST_F(Owner, MayBeAThreadThatEnds) {
    std::thread([&] { EXPECT_EQ(take(), Taken::yes); }).join();
    EXPECT_EQ(take(), Taken::no_abandoned);
}

TEST_F(Owner, IsWaitedForNoLongerWhenNobodyBuriesAnyMore) {
    EXPECT_EQ(take(), Taken::yes);
    auto waiter = shared.start(1, [&] { return take() == Taken::no_broken ? 0 : 1; });
    usleep(10'000);
    roster.break_up();
    EXPECT_EQ(waiter->exit_code(), 0);
}

}  // namespace
}  // namespace pinfold::shm

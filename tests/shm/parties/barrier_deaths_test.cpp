// Members of a barrier die at each step. Those who wait are told or pass, and nobody waits for
// ever.

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <new>
#include <pinfold/shm/parties/barrier_word.hpp>
#include <tuple>

#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using Passed = BarrierWord::Passed;
using testing::SharedRoster;

constexpr std::uint32_t members = 3;
constexpr int laps = 200;

struct ThreeMeet {
    BarrierWord word;
    std::array<BarrierWord::Member, members> places;
};

class BarrierDeaths : public ::testing::Test {
  protected:
    BarrierDeaths() { barrier.set_members(members); }
    void TearDown() override { testing::disarm_party_crash_point(); }

    /// A member, which leaves with 0 after all laps, and with 1 when the barrier is broken.
    [[nodiscard]] std::unique_ptr<ChildProcess> start(ProcessNumber number) {
        return shared.start(number, [this] {
            for (int lap = 0; lap < laps; ++lap) {
                const Passed how = barrier.arrive_and_wait(roster, for_ever);
                if (how != Passed::yes && how != Passed::yes_last) {
                    return how == Passed::no_whole ? 1 : 2;
                }
            }
            return barrier.leave(roster) ? 0 : 3;
        });
    }

    /// All, where nobody is a member and none is kept any more. They are given back.
    [[nodiscard]] std::uint32_t places_that_can_be_kept() {
        std::uint32_t kept = 0;
        while (barrier.keep_place(roster, 9)) {
            ++kept;
        }
        barrier.give_back(9);
        return kept;
    }

    SharedRoster shared;
    Roster& roster = shared.roster();
    BarrierWord& barrier = shared.make<ThreeMeet>().word;
};

class EveryStepOfAMember : public BarrierDeaths,
                           public ::testing::WithParamInterface<std::tuple<PartyStep, int>> {};

TEST_P(EveryStepOfAMember, MayBeItsLast) {
    const auto [step, passing] = GetParam();
    testing::arm_party_crash_point(step, passing);
    int died = 0;
    for (int life = 0; life < 100 && died == 0; ++life) {
        std::array<std::unique_ptr<ChildProcess>, members> children;
        for (std::uint32_t i = 0; i < members; ++i) {
            children[i] = start(static_cast<ProcessNumber>(i + 1));
        }
        for (const int code : shared.bury_all(children)) {
            EXPECT_TRUE(code == 0 || code == 1 || code == -SIGKILL) << code;
            died += code == -SIGKILL ? 1 : 0;
        }
        if (died == 0) {
            EXPECT_TRUE(barrier.is_whole());
        }
    }
    EXPECT_EQ(died, 1);
    testing::disarm_party_crash_point();
    barrier.reset(roster);
    std::array<std::unique_ptr<ChildProcess>, members> successors;
    for (std::uint32_t i = 0; i < members; ++i) {
        successors[i] = start(static_cast<ProcessNumber>(i + 1));
    }
    for (const int code : shared.bury_all(successors)) {
        EXPECT_EQ(code, 0) << "all places are free again";
    }
}

TEST_F(BarrierDeaths, OfOneThatIsNoMemberYetLeaveItsPlaceFree) {
    testing::arm_party_crash_point(PartyStep::named, 2);
    std::array<std::unique_ptr<ChildProcess>, members> children;
    for (std::uint32_t i = 0; i < members; ++i) {
        children[i] = start(static_cast<ProcessNumber>(i + 1));
    }
    for (bool is_replaced = false; !is_replaced;) {
        for (std::uint32_t i = 0; i < members && !is_replaced; ++i) {
            if (children[i]->has_ended()) {
                EXPECT_EQ(children[i]->exit_code(), -SIGKILL);
                roster.bury(static_cast<ProcessNumber>(i + 1));
                children[i] = start(static_cast<ProcessNumber>(i + 1));
                is_replaced = true;
            }
        }
    }
    for (const int code : shared.bury_all(children)) {
        EXPECT_EQ(code, 0);
    }
}

/// Whoever resets or aborts need not be a member.
TEST_F(BarrierDeaths, OfOneThatTellsAllMeetARing) {
    for (const bool resets : {true, false}) {
        for (const PartyStep step : {PartyStep::named, PartyStep::let_go, PartyStep::rang}) {
            barrier.reset(roster);
            const auto waiter = shared.start(1, [this] {
                return barrier.arrive_and_wait(roster, for_ever) == Passed::no_whole ? 1 : 2;
            });
            while (barrier.arrived() == 0) {
                usleep(100);
            }
            usleep(2000);  // it sleeps, most likely
            testing::arm_party_crash_point(step, 1);
            const auto teller = shared.start(2, [this, resets] {
                resets ? barrier.reset(roster) : barrier.abort(roster);
                return 0;
            });
            EXPECT_EQ(teller->exit_code(), -SIGKILL);
            testing::disarm_party_crash_point();
            roster.bury(2);
            if (step == PartyStep::named) {
                barrier.abort(roster);  // nothing was changed yet
            }
            EXPECT_EQ(waiter->exit_code(), 1);
            roster.bury(1);
        }
    }
}

/// Before it takes the place that is kept for it, and after that.
class StepsToAKeptPlace : public BarrierDeaths, public ::testing::WithParamInterface<PartyStep> {};

TEST_P(StepsToAKeptPlace, MayBeTheLast) {
    for (const bool joins_first : {false, true}) {
        ASSERT_TRUE(barrier.keep_place(roster, 1));
        const auto waiter = shared.start(2, [this] {
            return barrier.arrive_and_wait(roster, for_ever) == Passed::no_whole ? 1 : 2;
        });
        while (barrier.arrived() == 0) {
            usleep(100);
        }
        testing::arm_party_crash_point(GetParam(), 1);
        const auto dying = shared.start(1, [this, joins_first] {
            static_cast<void>(joins_first ? barrier.join(roster)
                                          : barrier.arrive_and_wait(roster, at_once));
            raise(SIGKILL);
            return 0;
        });
        EXPECT_EQ(dying->exit_code(), -SIGKILL);
        testing::disarm_party_crash_point();
        EXPECT_TRUE(barrier.is_whole()) << "nobody is dead before somebody says so";
        roster.bury(1);
        EXPECT_EQ(waiter->exit_code(), 1);
        roster.bury(2);
        barrier.reset(roster);
        EXPECT_EQ(places_that_can_be_kept(), members);
    }
}

INSTANTIATE_TEST_SUITE_P(Step, StepsToAKeptPlace,
                         ::testing::Values(PartyStep::named, PartyStep::took, PartyStep::arrived));

/// Whoever buries dies too, and another one begins anew.
class BurialsOfOneThatDidNotCome : public BarrierDeaths,
                                   public ::testing::WithParamInterface<int> {};

TEST_P(BurialsOfOneThatDidNotCome, MayDieToo) {
    ASSERT_TRUE(barrier.keep_place(roster, 1));
    const auto waiter = shared.start(2, [this] {
        return barrier.arrive_and_wait(roster, for_ever) == Passed::no_whole ? 1 : 2;
    });
    while (barrier.arrived() == 0) {
        usleep(100);
    }
    usleep(2000);  // it sleeps, most likely
    testing::arm_party_crash_point(PartyStep::buried_user, GetParam());
    ChildProcess burial([this] {
        roster.bury(1);
        return 0;
    });
    EXPECT_EQ(burial.exit_code(), -SIGKILL);
    testing::disarm_party_crash_point();
    roster.bury(1);
    EXPECT_EQ(waiter->exit_code(), 1);
    roster.bury(2);
    EXPECT_EQ(places_that_can_be_kept(), members);
}

INSTANTIATE_TEST_SUITE_P(Passing, BurialsOfOneThatDidNotCome, ::testing::Values(1, 2));

TEST_F(BarrierDeaths, OfStrangersBreakNothingThatIsKept) {
    ASSERT_TRUE(barrier.keep_place(roster, 1));
    ASSERT_TRUE(barrier.keep_place(roster, 2));
    for (const ProcessNumber stranger : std::array<ProcessNumber, 3>{3, 4, 5}) {
        shared
            .start(stranger,
                   [this] {
                       static_cast<void>(roster.seat());
                       raise(SIGKILL);
                       return 0;
                   })
            ->exit_code();
        roster.bury(stranger);
    }
    barrier.give_back(2);  // it was not forked
    roster.bury(2);
    EXPECT_TRUE(barrier.is_whole());
    EXPECT_EQ(barrier.arrived(), 0U);
    std::array<std::unique_ptr<ChildProcess>, members> children;
    for (std::uint32_t i = 0; i < members; ++i) {
        children[i] = start(static_cast<ProcessNumber>(i + 1));
    }
    for (const int code : shared.bury_all(children)) {
        EXPECT_EQ(code, 0);
    }
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStepOfAMember,
    ::testing::Combine(::testing::Values(PartyStep::took, PartyStep::arrived, PartyStep::passed,
                                         PartyStep::rang, PartyStep::named_bell,
                                         PartyStep::prepared, PartyStep::woke,
                                         PartyStep::forgot_bell, PartyStep::let_go),
                       ::testing::Values(1, 2)),
    testing::name_of_death);

}  // namespace
}  // namespace pinfold::shm

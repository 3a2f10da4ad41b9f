// Owners of words die at each step, and at random moments. Each abandoned word is told to one who
// takes it, nobody waits for ever, and no word keeps the token of a dead one.

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <memory>
#include <pinfold/shm/parties/owner_word.hpp>
#include <random>
#include <string>
#include <tuple>

#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using Taken = OwnerWord::Taken;
using testing::SharedRoster;

constexpr int deaths = 400;
constexpr ProcessNumber parties = 5;  // of which 0 buries

/// Two counters that only an owner may make different, and whose turn it was.
struct Guarded {
    OwnerWord word;
    std::uint64_t begun = 0;
    std::uint64_t ended = 0;
    std::atomic<std::uint64_t> told{0};  // how often somebody was told of a death
};

class OwnerDeaths : public ::testing::Test {
  protected:
    void TearDown() override {
        testing::disarm_party_crash_point();
        for (Guarded* const each : guarded) {
            EXPECT_EQ(each->word.owner(), detail::no_token);
            EXPECT_TRUE(turn(*each));
            EXPECT_EQ(each->begun, each->ended);
        }
        EXPECT_EQ(roster.taken_seats(), 1U) << "that of this thread";
    }

    /// One turn as the owner; mends what a dead one left half done. Returns false where something
    /// is torn.
    [[nodiscard]] bool turn(Guarded& each) {
        const Taken taken = each.word.take(roster, for_ever, true);
        if (taken != Taken::yes && taken != Taken::yes_abandoned) {
            return false;
        }
        if (taken == Taken::yes_abandoned) {
            each.told.fetch_add(1);
            each.ended = each.begun;
            static_cast<void>(each.word.make_consistent(roster));
        }
        const bool is_whole = each.begun == each.ended;
        ++each.begun;
        if (each.begun % 16 == 0) {
            usleep(100);  // so that others fall asleep
        }
        ++each.ended;
        return each.word.let_go(roster) && is_whole;
    }

    [[nodiscard]] std::unique_ptr<ChildProcess> start(ProcessNumber number, int turns) {
        return shared.start(number, [this, turns, seed = ++seed_] {
            std::mt19937_64 random(seed);
            for (int each = 0; each < turns; ++each) {
                Guarded& first = *guarded[random() % guarded.size()];
                if (!turn(first)) {
                    return 1;
                }
            }
            return 0;
        });
    }

    SharedRoster shared;
    Roster& roster = shared.roster();
    std::array<Guarded*, 2> guarded{&shared.make<Guarded>(), &shared.make<Guarded>()};

  private:
    std::uint64_t seed_ = 0;
};

class EveryStepOfAnOwner : public OwnerDeaths,
                           public ::testing::WithParamInterface<std::tuple<PartyStep, int>> {};

TEST_P(EveryStepOfAnOwner, MayBeItsLast) {
    const auto [step, passing] = GetParam();
    static_cast<void>(roster.seat());
    testing::arm_party_crash_point(step, passing);
    testing::live_until_struck(shared, parties,
                               [this](ProcessNumber number) { return start(number, 500); });
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStepOfAnOwner,
    ::testing::Combine(::testing::Values(PartyStep::named, PartyStep::took, PartyStep::let_go,
                                         PartyStep::rang, PartyStep::forgot, PartyStep::named_bell,
                                         PartyStep::prepared, PartyStep::woke,
                                         PartyStep::forgot_bell),
                       ::testing::Values(1, 3)),
    testing::name_of_death);

/// A burial that dies as well is begun anew.
TEST_F(OwnerDeaths, MayMeetWhoeverBuries) {
    static_cast<void>(roster.seat());
    for (const PartyStep first : {PartyStep::took, PartyStep::let_go}) {
        testing::arm_party_crash_point(first, 3);
        EXPECT_EQ(start(1, 100)->exit_code(), -SIGKILL);
        testing::arm_party_crash_point(PartyStep::buried_name, 1);
        ChildProcess burial([&] {
            roster.bury(1);
            return 0;
        });
        EXPECT_EQ(burial.exit_code(), -SIGKILL);
        testing::disarm_party_crash_point();
        roster.bury(1);
    }
}

TEST_F(OwnerDeaths, MayBeManyAtRandomMoments) {
    static_cast<void>(roster.seat());
    testing::kill_at_random_moments(shared, parties, deaths, [this](ProcessNumber number) {
        return start(number, 1'000'000'000);
    });
    EXPECT_GT(guarded[0]->told + guarded[1]->told, 0U);
}

}  // namespace
}  // namespace pinfold::shm

// Readers and writers of a SharedWord die at each step, and at random moments. What writers change
// is never seen half done by one who was not told, nobody waits for ever, and no bit stays.

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <pinfold/shm/parties/shared_word.hpp>
#include <random>
#include <tuple>

#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using testing::SharedRoster;

constexpr int deaths = 400;
constexpr std::uint32_t seats = 16;
constexpr ProcessNumber parties = 5;  // of which 0 buries

class SharedDeaths : public ::testing::Test {
  protected:
    SharedDeaths() { static_cast<void>(roster.seat()); }

    void TearDown() override {
        testing::disarm_party_crash_point();
        EXPECT_TRUE(write());
        EXPECT_EQ(word.take(roster, at_once, false), Taken::yes) << "no reader is left";
        EXPECT_TRUE(word.let_go(roster));
        EXPECT_EQ(roster.taken_seats(), 1U) << "that of this thread";
    }

    /// Each returns false where something is torn of which nobody told.
    [[nodiscard]] bool write() {
        const Taken taken = word.take(roster, for_ever, true);
        if (!is_taken(taken)) {
            return false;
        }
        if (taken == Taken::yes_abandoned) {
            guarded.ended = guarded.begun;
            static_cast<void>(word.make_consistent(roster));
        }
        const bool is_whole = guarded.begun == guarded.ended;
        ++guarded.begun;
        rest_at_times();
        ++guarded.ended;
        return word.let_go(roster) && is_whole;
    }

    [[nodiscard]] bool read() {
        const Taken taken = word.take_shared(roster, for_ever, true);
        if (!is_taken(taken)) {
            return false;
        }
        const bool is_whole = taken == Taken::yes_abandoned || guarded.begun == guarded.ended;
        rest_at_times();
        return word.let_go_shared(roster) && is_whole;
    }

    /// So that others fall asleep.
    void rest_at_times() {
        if (++turns_ % 16 == 0) {
            usleep(100);
        }
    }

    [[nodiscard]] std::unique_ptr<ChildProcess> start(ProcessNumber number, int turns) {
        return shared.start(number, [this, turns, seed = ++seed_] {
            std::mt19937_64 random(seed);
            for (int each = 0; each < turns; ++each) {
                if (!(random() % 3 == 0 ? write() : read())) {
                    return 1;
                }
            }
            return 0;
        });
    }

    struct Guarded {
        std::uint64_t begun = 0;
        std::uint64_t ended = 0;
    };

    SharedRoster shared{seats};
    Roster& roster = shared.roster();
    SharedWord& word = SharedWord::make(shared.zeros(SharedWord::bytes_for(seats)), seats);
    Guarded& guarded = shared.make<Guarded>();

  private:
    std::uint64_t turns_ = 0;
    std::uint64_t seed_ = 0;
};

class EveryStepOfASharer : public SharedDeaths,
                           public ::testing::WithParamInterface<std::tuple<PartyStep, int>> {};

TEST_P(EveryStepOfASharer, MayBeItsLast) {
    const auto [step, passing] = GetParam();
    testing::arm_party_crash_point(step, passing);
    testing::live_until_struck(shared, parties,
                               [this](ProcessNumber number) { return start(number, 300); });
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStepOfASharer,
    ::testing::Combine(::testing::Values(PartyStep::named, PartyStep::took, PartyStep::drained,
                                         PartyStep::let_go, PartyStep::rang, PartyStep::forgot,
                                         PartyStep::named_bell, PartyStep::prepared,
                                         PartyStep::woke, PartyStep::forgot_bell),
                       ::testing::Values(1, 3, 10)),
    testing::name_of_death);

TEST_F(SharedDeaths, MayBeManyAtRandomMoments) {
    testing::kill_at_random_moments(shared, parties, deaths, [this](ProcessNumber number) {
        return start(number, 1'000'000'000);
    });
}

}  // namespace
}  // namespace pinfold::shm

// Owners of a RecursiveWord die at each step, at any depth. The next one is told, has it once,
// whatever the dead one's depth was, and lets go of it as often as it took it.

#include <gtest/gtest.h>
#include <unistd.h>

#include <memory>
#include <pinfold/shm/parties/recursive_word.hpp>
#include <random>
#include <tuple>

#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using testing::SharedRoster;

constexpr ProcessNumber parties = 4;  // of which 0 buries
constexpr std::uint32_t deepest = 3;

class RecursiveDeaths : public ::testing::TestWithParam<std::tuple<PartyStep, int>> {
  protected:
    RecursiveDeaths() { static_cast<void>(roster.seat()); }
    void TearDown() override {
        testing::disarm_party_crash_point();
        EXPECT_EQ(word.word().owner(), detail::no_token);
        EXPECT_TRUE(turn(deepest));
        EXPECT_EQ(roster.taken_seats(), 1U) << "that of this thread";
    }

    /// Takes it so often, changes what it protects at the last, and lets go as often. Returns false
    /// where something is torn, or the depth is another.
    [[nodiscard]] bool turn(std::uint32_t depth) {
        for (std::uint32_t taken = 1; taken <= depth; ++taken) {
            const Taken how = word.take(roster, for_ever, true);
            if (!is_taken(how) || word.depth(roster) != taken) {
                return false;
            }
            if (how == Taken::yes_abandoned) {
                guarded.ended = guarded.begun;
                static_cast<void>(word.make_consistent(roster));
            }
        }
        const bool is_whole = guarded.begun == guarded.ended;
        ++guarded.begun;
        if (guarded.begun % 16 == 0) {
            usleep(100);  // so that others fall asleep
        }
        ++guarded.ended;
        for (std::uint32_t left = depth; left > 0; --left) {
            if (word.depth(roster) != left || !word.let_go(roster)) {
                return false;
            }
        }
        return word.depth(roster) == 0 && is_whole;
    }

    [[nodiscard]] std::unique_ptr<ChildProcess> start(ProcessNumber number) {
        return shared.start(number, [this, number] {
            std::mt19937_64 random(number);
            for (int each = 0; each < 300; ++each) {
                if (!turn(1 + static_cast<std::uint32_t>(random() % deepest))) {
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

    SharedRoster shared;
    Roster& roster = shared.roster();
    RecursiveWord& word = shared.make<RecursiveWord>();
    Guarded& guarded = shared.make<Guarded>();
};

TEST_P(RecursiveDeaths, AreToldAndLeaveNoDepth) {
    const auto [step, passing] = GetParam();
    testing::arm_party_crash_point(step, passing);
    testing::live_until_struck(shared, parties,
                               [this](ProcessNumber number) { return start(number); });
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, RecursiveDeaths,
    ::testing::Combine(::testing::Values(PartyStep::named, PartyStep::took, PartyStep::raised_depth,
                                         PartyStep::lowered_depth, PartyStep::let_go,
                                         PartyStep::rang, PartyStep::forgot, PartyStep::named_bell,
                                         PartyStep::prepared, PartyStep::woke,
                                         PartyStep::forgot_bell),
                       ::testing::Values(1, 3, 10)),
    testing::name_of_death);

}  // namespace
}  // namespace pinfold::shm

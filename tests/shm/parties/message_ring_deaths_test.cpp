// Writers and readers of a ring die at each step, and at random moments; so does whoever buries
// them. Each message whose write returned is read by one, whole; a message of a dead reader is
// there again; nothing is read that a dead writer had not published; no block of the heap is lost.

#include <gtest/gtest.h>

#include <string>
#include <tuple>

#include "message_deaths.hpp"
#include "parties/shared_ring.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using testing::RingOfTexts;

struct RingToDieAt {
    using Answer = MessageRing::Answer;

    RingOfTexts texts{4};

    [[nodiscard]] MessageRing& from() noexcept { return *texts.operator->(); }
    [[nodiscard]] MessageRing& to() noexcept { return *texts.operator->(); }
    [[nodiscard]] auto put(const std::string& text) { return texts.put(text); }
    [[nodiscard]] auto get(Until until) { return texts.get(until); }
    [[nodiscard]] bool is_closed() { return texts->is_closed(); }
    void close() { texts->close(texts.roster()); }
};

class RingDeaths : public testing::MessageDeaths<RingToDieAt> {
  protected:
    RingDeaths() { static_cast<void>(roster().seat()); }
};

class EveryStepOfARing : public RingDeaths,
                         public ::testing::WithParamInterface<std::tuple<PartyStep, int>> {};

TEST_P(EveryStepOfARing, MayBeItsLast) {
    const auto [step, passing] = GetParam();
    testing::arm_party_crash_point(step, passing);
    Children children = start_all(500);
    bury_all(children);
    EXPECT_TRUE(testing::party_crash_point_struck());
    check();
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStepOfARing,
    ::testing::Combine(::testing::Values(PartyStep::named, PartyStep::rang, PartyStep::forgot,
                                         PartyStep::named_bell, PartyStep::prepared,
                                         PartyStep::woke, PartyStep::forgot_bell,
                                         PartyStep::claimed_to_write, PartyStep::took_block,
                                         PartyStep::named_block, PartyStep::gave_block_over,
                                         PartyStep::published, PartyStep::claimed_to_read,
                                         PartyStep::held_block, PartyStep::settled,
                                         PartyStep::freed_block, PartyStep::put_back),
                       ::testing::Values(1, 7)),
    testing::name_of_death);
INSTANTIATE_TEST_SUITE_P(Close, EveryStepOfARing,
                         ::testing::Combine(::testing::Values(PartyStep::closed),
                                            ::testing::Values(1)),
                         testing::name_of_death);

class BurialsOfARing : public RingDeaths, public ::testing::WithParamInterface<PartyStep> {};

/// A burial that dies as well is begun anew, wherever the dead one was.
TEST_P(BurialsOfARing, MayDieToo) {
    bool has_struck = false;
    for (const PartyStep first :
         {PartyStep::claimed_to_write, PartyStep::took_block, PartyStep::named_block,
          PartyStep::gave_block_over, PartyStep::published}) {
        has_struck |= bury_twice(first, false, GetParam());
    }
    for (const PartyStep first :
         {PartyStep::claimed_to_read, PartyStep::held_block, PartyStep::settled}) {
        has_struck |= bury_twice(first, true, GetParam());
    }
    EXPECT_TRUE(has_struck);
    check();
}

INSTANTIATE_TEST_SUITE_P(Step, BurialsOfARing,
                         ::testing::Values(PartyStep::buried_hand, PartyStep::buried_block_held,
                                           PartyStep::buried_slot, PartyStep::buried_block_freed,
                                           PartyStep::buried_name));

TEST_F(RingDeaths, MayBeManyAtRandomMoments) {
    kill_at_random_moments(600);
}

}  // namespace
}  // namespace pinfold::shm

// Whoever buries one that slept, or was woken and had not looked yet, rings the bell that it slept
// on: the call may have been meant for another.

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/semaphore_word.hpp>
#include <string>

#include "parties/membership.hpp"
#include "parties/named_sleep.hpp"
#include "parties/seat.hpp"
#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"

namespace pinfold::shm {
namespace {

using detail::NamedSleep;
using detail::PartyStep;
using testing::SharedRoster;

class DeadSleepers : public ::testing::Test {
  protected:
    void TearDown() override {
        testing::disarm_party_crash_point();
        EXPECT_EQ(roster.taken_seats(), 1U) << "that of this thread";
    }

    /// Sleeps on the bell without a name for that, until it rings.
    [[nodiscard]] std::unique_ptr<ChildProcess> start_another() {
        auto other = std::make_unique<ChildProcess>([this] {
            const std::uint32_t seen = bell.prepare();
            others = others + 1;
            while ((bell.value() ^ seen) <= 1) {  // but for the sleepers' bit
                bell.sleep(seen, std::chrono::nanoseconds(-1));
            }
            return 0;
        });
        while (others == 0) {
            usleep(100);
        }
        return other;
    }

    SharedRoster shared;
    Roster& roster = shared.roster();
    detail::Seat& own = roster.seat();
    Doorbell& bell = shared.make<Doorbell>();
    std::atomic<int>& others = shared.make<std::atomic<int>>();
};

class DeadSleepersAt : public DeadSleepers, public ::testing::WithParamInterface<PartyStep> {};

TEST_P(DeadSleepersAt, HaveTheirBellRung) {
    testing::arm_party_crash_point(GetParam(), 1);
    auto sleeper = shared.start(1, [this] {
        NamedSleep sleep(roster, detail::seat_in(roster), bell);
        sleep.prepare();
        others = others + 1;
        while (sleep.wait(for_ever)) {
        }
        return 0;
    });
    if (GetParam() == PartyStep::woke) {
        while (others == 0) {
            usleep(100);
        }
        bell.ring();  // asleep or about to sleep, it comes back
    }
    EXPECT_EQ(sleeper->exit_code(), -SIGKILL);
    EXPECT_TRUE(testing::party_crash_point_struck());
    others = 0;
    const auto other = start_another();
    const std::uint32_t before = bell.value();
    roster.bury(1);
    ASSERT_NE(bell.value(), before) << "who is about to sleep is told";
    EXPECT_EQ(other->exit_code(), 0) << "who sleeps is woken";
}

INSTANTIATE_TEST_SUITE_P(Step, DeadSleepersAt,
                         ::testing::Values(PartyStep::named_bell, PartyStep::prepared,
                                           PartyStep::woke));

TEST_F(DeadSleepers, HaveTheirBellRungWhenTheyAreKilledAsleep) {
    auto sleeper = shared.start(1, [this] {
        NamedSleep sleep(roster, detail::seat_in(roster), bell);
        sleep.prepare();
        others = others + 1;
        while (sleep.wait(for_ever)) {
        }
        return 0;
    });
    while (others == 0) {
        usleep(100);
    }
    const std::uint32_t before = bell.value();
    shared.kill(*sleeper, 1);
    EXPECT_NE(bell.value(), before);
}

/// A condition's waiter that was woken, and dies before it has seen to that under its lock.
TEST_F(DeadSleepers, HaveTheBellRungThatTheyWereWokenBy) {
    const int lock = 0;
    EXPECT_EQ(shared
                  .start(1,
                         [&] {
                             detail::seat_in(roster).was_woken(bell, &lock);
                             return 0;
                         })
                  ->exit_code(),
              0);
    const auto other = start_another();
    const std::uint32_t before = bell.value();
    roster.bury(1);
    ASSERT_NE(bell.value(), before);
    EXPECT_EQ(other->exit_code(), 0);
}

/// Two sleep, one signal is released, and whoever is woken for it dies. The other one gets it.
TEST_F(DeadSleepers, LeaveTheSignalThatTheyWereWokenForToAnother) {
    auto& word = shared.make<SemaphoreWord>();
    bool has_struck = false;
    for (int life = 0; life < 50 && !has_struck; ++life) {
        std::array<std::unique_ptr<ChildProcess>, 2> children;
        for (std::size_t i = 0; i < children.size(); ++i) {
            children[i] = shared.start(static_cast<ProcessNumber>(i + 1), [&] {
                return word.lower(roster, for_ever) == Taken::yes ? 0 : 1;
            });
        }
        usleep(20'000);  // they sleep by now, or the next life is tried
        testing::arm_party_crash_point(PartyStep::woke, 1);
        EXPECT_EQ(word.raise(roster, 1), SemaphoreWord::Raised::yes);
        while (!children[0]->has_ended() && !children[1]->has_ended()) {
            usleep(100);
        }
        has_struck = testing::party_crash_point_struck();
        testing::disarm_party_crash_point();
        if (!has_struck) {
            EXPECT_EQ(word.raise(roster, 1), SemaphoreWord::Raised::yes);
        }
        for (const int code : shared.bury_all(children)) {
            EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
        }
        EXPECT_EQ(word.value(), 0U);
    }
    EXPECT_TRUE(has_struck);
}

}  // namespace
}  // namespace pinfold::shm

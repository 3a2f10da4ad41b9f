// Those who signal, and those who wait for it, die at each step. What was signalled is taken by
// somebody without further help, except for what a dead one took; places come back.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <limits>
#include <memory>
#include <pinfold/shm/parties/bounded_word.hpp>
#include <pinfold/shm/parties/event_word.hpp>
#include <pinfold/shm/parties/semaphore_word.hpp>
#include <random>
#include <tuple>

#include "parties/guarded_items.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using testing::GuardedItems;
using testing::SharedRoster;
using Children = std::array<std::unique_ptr<ChildProcess>, 4>;  // numbered from 1

constexpr int turns = 200;

class SignalDeaths : public ::testing::TestWithParam<std::tuple<PartyStep, int>> {
  protected:
    SignalDeaths() { static_cast<void>(roster.seat()); }
    void TearDown() override {
        testing::disarm_party_crash_point();
        EXPECT_EQ(roster.taken_seats(), 1U) << "that of this thread";
    }

    void arm() {
        const auto [step, passing] = GetParam();
        testing::arm_party_crash_point(step, passing);
    }

    template <typename Body>
    void start(Children& children, std::size_t index, Body body) {
        children[index] = shared.start(static_cast<ProcessNumber>(index + 1), body);
    }

    /// Buries whoever ended, until `is_done`.
    template <typename IsDone>
    void bury_until(Children& children, IsDone is_done) {
        std::array<bool, 4> is_buried{};
        while (!is_done()) {
            for (std::size_t i = 0; i < children.size(); ++i) {
                if (!is_buried[i] && children[i]->has_ended()) {
                    roster.bury(static_cast<ProcessNumber>(i + 1));
                    is_buried[i] = true;
                }
            }
            usleep(100);
        }
    }

    static bool has_ended(const Children& children, std::size_t first, std::size_t last) {
        return std::all_of(children.begin() + static_cast<std::ptrdiff_t>(first),
                           children.begin() + static_cast<std::ptrdiff_t>(last + 1),
                           [](const auto& child) { return child->has_ended(); });
    }

    void expect_good_ends(Children& children) {
        for (const int code : shared.bury_all(children)) {
            EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
        }
        EXPECT_TRUE(testing::party_crash_point_struck());
        testing::disarm_party_crash_point();
    }

    /// At times, so that others fall asleep.
    static void rest(int turn) {
        if (turn % 16 == 0) {
            usleep(200);
        }
    }

    SharedRoster shared;
    Roster& roster = shared.roster();
};

const auto steps_of_both = ::testing::Values(
    PartyStep::named, PartyStep::took, PartyStep::let_go, PartyStep::rang, PartyStep::forgot,
    PartyStep::named_bell, PartyStep::prepared, PartyStep::woke, PartyStep::forgot_bell);
const auto each_step = ::testing::Combine(steps_of_both, ::testing::Values(1, 3, 10));

class SemaphoreDeaths : public SignalDeaths {};
INSTANTIATE_TEST_SUITE_P(CrashPoint, SemaphoreDeaths, each_step, testing::name_of_death);

TEST_P(SemaphoreDeaths, LoseNoSignalButTheirOwn) {
    auto& word = shared.make<SemaphoreWord>();
    auto& raised = shared.make<std::atomic<int>>();
    auto& lowered = shared.make<std::atomic<int>>();
    arm();
    Children children;
    for (const std::size_t index : {0U, 1U}) {  // who would lower it more often than it is raised
        start(children, index, [&] {
            while (word.lower(roster, for_ever) == Taken::yes) {
                ++lowered;
            }
            return 0;
        });
    }
    for (const std::size_t index : {2U, 3U}) {
        start(children, index, [&] {
            for (int turn = 0; turn < turns; ++turn) {
                static_cast<void>(word.raise(roster, 1));
                ++raised;
                rest(turn);
            }
            return 0;
        });
    }
    // Nobody raises it any more, and nobody helps.
    bury_until(children, [&] { return has_ended(children, 2, 3) && word.value() == 0; });
    bury_until(children, [&] { return std::abs(raised - lowered) <= 1; });
    word.end();
    expect_good_ends(children);
}

class PlaceDeaths : public SignalDeaths {};
INSTANTIATE_TEST_SUITE_P(CrashPoint, PlaceDeaths, each_step, testing::name_of_death);

TEST_P(PlaceDeaths, GiveTheirPlacesBack) {
    auto& word = BoundedWord::make(shared.zeros(BoundedWord::bytes_for(2)), 2);
    for (int life = 0; life < 50 && (life == 0 || !testing::party_crash_point_struck()); ++life) {
        if (life == 0) {
            arm();
        }
        Children children;
        for (std::size_t index = 0; index < children.size(); ++index) {
            start(children, index, [&] {
                for (int turn = 0; turn < turns; ++turn) {
                    if (word.take(roster, for_ever) != Taken::yes) {
                        return 1;
                    }
                    rest(turn);
                    if (!word.give_back(roster)) {
                        return 2;
                    }
                }
                return 0;
            });
        }
        for (const int code : shared.bury_all(children)) {
            EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
        }
        EXPECT_EQ(word.free_places(), 2U);
    }
    EXPECT_TRUE(testing::party_crash_point_struck());
}

class EventDeaths : public SignalDeaths {};
INSTANTIATE_TEST_SUITE_P(CrashPoint, EventDeaths,
                         ::testing::Combine(::testing::Values(PartyStep::named, PartyStep::let_go,
                                                              PartyStep::rang, PartyStep::forgot),
                                            ::testing::Values(1)),
                         testing::name_of_death);

TEST_P(EventDeaths, LeaveNobodyAsleepBesideASetOne) {
    auto& word = shared.make<EventWord>();
    Children children;
    for (const std::size_t index : {0U, 1U, 2U}) {
        start(children, index, [&] { return word.wait(roster, for_ever) == Taken::yes ? 0 : 1; });
    }
    usleep(20'000);  // they sleep by now
    arm();
    start(children, 3, [&] { return word.set(roster) == Taken::yes ? 0 : 1; });
    bury_until(children, [&] { return children[3]->has_ended(); });
    roster.bury(4);
    if (!word.is_set()) {
        EXPECT_EQ(std::get<PartyStep>(GetParam()), PartyStep::named);
        EXPECT_EQ(word.set(roster), Taken::yes);
    }
    expect_good_ends(children);
}

TEST_P(EventDeaths, LeaveNobodyAsleepBesideARaisedSemaphore) {
    auto& word = shared.make<SemaphoreWord>();
    Children children;
    for (const std::size_t index : {0U, 1U, 2U}) {
        start(children, index, [&] { return word.lower(roster, for_ever) == Taken::yes ? 0 : 1; });
    }
    usleep(20'000);  // they sleep by now
    arm();
    start(children, 3, [&] { return word.raise(roster, 3) == SemaphoreWord::Raised::yes ? 0 : 1; });
    bury_until(children, [&] { return children[3]->has_ended(); });
    roster.bury(4);
    if (std::get<PartyStep>(GetParam()) == PartyStep::named) {
        EXPECT_EQ(word.raise(roster, 3), SemaphoreWord::Raised::yes);
    }
    expect_good_ends(children);
}

TEST_P(EventDeaths, LeaveNobodyAsleepBesideAFreePlace) {
    auto& word = BoundedWord::make(shared.zeros(BoundedWord::bytes_for(1)), 1);
    auto& is_taken = shared.make<std::atomic<bool>>();
    auto& may_give_back = shared.make<std::atomic<bool>>();
    Children children;
    start(children, 3, [&] {
        static_cast<void>(word.take(roster, for_ever));
        is_taken = true;
        while (!may_give_back) {
            usleep(100);
        }
        return word.give_back(roster) ? 0 : 1;
    });
    while (!is_taken) {
        usleep(100);
    }
    for (const std::size_t index : {0U, 1U, 2U}) {
        start(children, index, [&] {
            return word.take(roster, for_ever) == Taken::yes && word.give_back(roster) ? 0 : 1;
        });
    }
    usleep(20'000);  // they sleep by now
    if (std::get<PartyStep>(GetParam()) == PartyStep::named) {
        shared.kill(*children[3], 4);  // while it has the place
    } else {
        arm();
        may_give_back = true;
    }
    for (const int code : shared.bury_all(children)) {
        EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
    }
    EXPECT_EQ(word.free_places(), 1U);
}

class ConditionDeaths : public SignalDeaths {};
INSTANTIATE_TEST_SUITE_P(CrashPoint, ConditionDeaths,
                         ::testing::Combine(steps_of_both, ::testing::Values(1, 3, 10, 30)),
                         testing::name_of_death);

TEST_P(ConditionDeaths, LoseNoRing) {
    auto& items = shared.make<GuardedItems>();
    arm();
    Children children;
    for (const std::size_t index : {0U, 1U}) {
        start(children, index, [&] {
            while (items.take(roster)) {
            }
            return 0;
        });
    }
    for (const std::size_t index : {2U, 3U}) {
        start(children, index, [&] {
            for (int turn = 0; turn < turns; ++turn) {
                items.add(roster, 1, 1);
                rest(turn);
            }
            return 0;
        });
    }
    // Nobody rings any more but burials. One taker lives.
    const auto is_drained = [&] {
        return has_ended(children, 2, 3) && std::atomic_ref(items.number).load() == 0;
    };
    bury_until(children, is_drained);
    items.enter(roster);
    items.is_over = true;
    EXPECT_TRUE(items.mutex.let_go(roster));
    EXPECT_EQ(items.condition.ring(roster, std::numeric_limits<std::uint32_t>::max()), Taken::yes);
    expect_good_ends(children);
}

/// Each child is at places, items and an event in turn, until it is killed.
class RandomSignalDeaths : public SignalDeaths {
  protected:
    struct Objects {
        GuardedItems items;
        EventWord event;
    };

    void start_again(Children& children, std::size_t index) {
        start(children, index, [this, index] {
            for (int turn = 0; objects.event.set(roster) == Taken::yes; ++turn) {
                if (places.take(roster, for_ever) != Taken::yes) {
                    return 1;
                }
                rest(turn);
                if (!places.give_back(roster)) {
                    return 2;
                }
                if (index % 2 == 0) {
                    objects.items.add(roster, 1, 1);
                } else if (!objects.items.take(roster)) {
                    return 0;
                }
                static_cast<void>(objects.event.clear(roster));
            }
            return 0;
        });
    }

    Objects& objects = shared.make<Objects>();
    BoundedWord& places = BoundedWord::make(shared.zeros(BoundedWord::bytes_for(2)), 2);
};
INSTANTIATE_TEST_SUITE_P(Kill, RandomSignalDeaths,
                         ::testing::Values(std::tuple(PartyStep::named, 0)),
                         [](const auto&) { return "AtAnyMoment"; });

TEST_P(RandomSignalDeaths, LeaveNobodyAsleepBesideWhatIsThere) {
    constexpr int deaths = 300;
    std::mt19937_64 random(16);
    Children children;
    for (std::size_t index = 0; index < children.size(); ++index) {
        start_again(children, index);
    }
    for (int death = 0; death < deaths; ++death) {
        usleep(static_cast<useconds_t>(random() % 2000));
        const std::size_t index = random() % children.size();
        EXPECT_FALSE(children[index]->has_ended()) << "a call failed";
        shared.kill(*children[index], static_cast<ProcessNumber>(index + 1));
        start_again(children, index);
    }
    for (const std::size_t index : {0U, 2U}) {  // those who add
        shared.kill(*children[index], static_cast<ProcessNumber>(index + 1));
    }
    // Those who take find all that is there, though nobody rings any more.
    while (std::atomic_ref(objects.items.number).load() != 0) {
        usleep(100);
    }
    for (const std::size_t index : {1U, 3U}) {
        EXPECT_FALSE(children[index]->has_ended());
        shared.kill(*children[index], static_cast<ProcessNumber>(index + 1));
    }
    EXPECT_EQ(places.free_places(), 2U);
}

}  // namespace
}  // namespace pinfold::shm

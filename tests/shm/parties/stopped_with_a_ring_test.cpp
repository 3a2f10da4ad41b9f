// A party is stopped exactly where a ring that was meant for somebody stays with it: it was woken
// and has not looked, or it has changed something and has not rung. Those who could go on do, while
// it is stopped; and it goes on after that.

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <fstream>
#include <functional>
#include <memory>
#include <new>
#include <pinfold/shm/parties/bounded_word.hpp>
#include <pinfold/shm/parties/recursive_word.hpp>
#include <pinfold/shm/parties/semaphore_word.hpp>
#include <pinfold/shm/parties/shared_word.hpp>
#include <string>
#include <utility>

#include "parties/guarded_items.hpp"
#include "parties/seat.hpp"
#include "parties/shared_pipe.hpp"
#include "parties/shared_ring.hpp"
#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using Child = std::unique_ptr<ChildProcess>;
using Step = std::function<void()>;

char state_of(pid_t pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(file, text);
    return text.at(text.rfind(')') + 2);
}

void wait_for_state(const ChildProcess& child, char state) {
    while (state_of(child.pid()) != state) {
        usleep(1000);
    }
}

/// Something of which two children take one each.
struct Object {
    std::function<Child(int number, Step body)> start;
    Step take_one;
    Step hold_all = [] {};    // so that nobody can take one
    Step give_one;            // by whoever holds all
    bool comes_back = false;  // what was taken is given back, so it serves both
};

void wait_until_asleep(const std::array<Child, 2>& takers) {
    for (const Child& taker : takers) {
        for (int seen = 0; seen < 5; usleep(1000)) {  // that often in a row: on the bell
            seen = state_of(taker->pid()) == 'S' ? seen + 1 : 0;
        }
    }
}

bool is_stopped(const ChildProcess& child) {
    return state_of(child.pid()) == 'T';
}

void bury_children(Roster& roster) {
    for (ProcessNumber number = 1; number <= 3; ++number) {
        roster.bury(number);
    }
}

/// For parent and children.
struct Flags {
    std::atomic<bool> may_give{false};
    std::atomic<bool> holds_all{false};
};
Flags& fresh_flags() {
    static void* const page =
        mmap(nullptr, sizeof(Flags), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return *new (page) Flags();
}

/// One of the two takers is stopped when it was woken: the other one takes what it was woken for.
void stop_one_that_was_woken(Roster& roster, const Object& object) {
    object.hold_all();
    std::array<Child, 2> takers{object.start(1, object.take_one), object.start(2, object.take_one)};
    wait_until_asleep(takers);
    testing::arm_party_stop_point(PartyStep::woke, 1);
    object.give_one();
    while (!testing::party_crash_point_struck()) {
        usleep(1000);
    }
    while (!is_stopped(*takers[0]) && !is_stopped(*takers[1])) {
        usleep(1000);
    }
    const std::size_t stopped = is_stopped(*takers[0]) ? 0 : 1;
    EXPECT_EQ(takers[1 - stopped]->exit_code(), 0) << "it waits for one that is stopped";
    EXPECT_TRUE(is_stopped(*takers[stopped]));
    takers[stopped]->kill(SIGCONT);
    if (!object.comes_back) {
        object.give_one();
    }
    EXPECT_EQ(takers[stopped]->exit_code(), 0);
    testing::disarm_party_crash_point();
    bury_children(roster);
}

/// Whoever gives one is stopped before it rings: somebody takes that meanwhile.
void stop_before_the_ring(Roster& roster, const Object& object, PartyStep step) {
    Flags& flags = fresh_flags();
    const Child giver = object.start(3, [&] {
        object.hold_all();
        flags.holds_all = true;
        while (!flags.may_give) {
            usleep(1000);
        }
        object.give_one();
    });
    while (!flags.holds_all) {
        usleep(1000);
    }
    std::array<Child, 2> takers{object.start(1, object.take_one), object.start(2, object.take_one)};
    wait_until_asleep(takers);
    testing::arm_party_stop_point(step, 1);
    flags.may_give = true;
    wait_for_state(*giver, 'T');
    while (!takers[0]->has_ended() && !takers[1]->has_ended()) {
        usleep(1000);
    }
    EXPECT_TRUE(is_stopped(*giver));
    testing::disarm_party_crash_point();
    giver->kill(SIGCONT);
    EXPECT_EQ(giver->exit_code(), 0);
    if (!object.comes_back) {
        object.give_one();
    }
    for (const Child& taker : takers) {
        EXPECT_EQ(taker->exit_code(), 0);
    }
    bury_children(roster);
}

class StoppedWithARing : public ::testing::Test {
  protected:
    StoppedWithARing() {
        testing::let_sleepers_look_again();
        static_cast<void>(roster.seat());
    }

    /// One that `take` takes and `let_go` gives back.
    template <typename Take, typename LetGo>
    [[nodiscard]] Object lock(Take take, LetGo let_go) {
        return {.start = starter(),
                .take_one = [=] { ASSERT_TRUE(is_taken(take()) && let_go()); },
                .hold_all = [=] { ASSERT_TRUE(is_taken(take())); },
                .give_one = [=] { ASSERT_TRUE(let_go()); },
                .comes_back = true};
    }
    [[nodiscard]] std::function<Child(int, Step)> starter() {
        return [this](int number, const Step& body) {
            return shared.start(static_cast<ProcessNumber>(number), [body] {
                body();
                return ::testing::Test::HasFailure() ? 1 : 0;
            });
        };
    }
    template <typename Shared>
    [[nodiscard]] static std::function<Child(int, Step)> starter(Shared& shared) {
        return [&shared](int number, const Step& body) {
            return shared.start(number, [body] {
                body();
                return ::testing::Test::HasFailure() ? 1 : 0;
            });
        };
    }

    [[nodiscard]] Object mutex() {
        auto& word = shared.make<OwnerWord>();
        return lock([&] { return word.take(roster, for_ever, false); },
                    [&] { return word.let_go(roster); });
    }
    [[nodiscard]] Object recursive_mutex() {
        auto& word = shared.make<RecursiveWord>();
        return lock([&] { return word.take(roster, for_ever, false); },
                    [&] { return word.let_go(roster); });
    }
    [[nodiscard]] Object writers() {
        auto& word = SharedWord::make(shared.zeros(SharedWord::bytes_for(16)), 16);
        return lock([&] { return word.take(roster, for_ever, false); },
                    [&] { return word.let_go(roster); });
    }
    [[nodiscard]] Object permit() {
        auto& word = BoundedWord::make(shared.zeros(BoundedWord::bytes_for(1)), 1);
        return lock([&] { return word.take(roster, for_ever); },
                    [&] { return word.give_back(roster); });
    }
    [[nodiscard]] Object signals() {
        auto& word = shared.make<SemaphoreWord>();
        return {.start = starter(),
                .take_one = [&] { ASSERT_EQ(word.lower(roster, for_ever), Taken::yes); },
                .give_one = [&] { ASSERT_EQ(word.raise(roster, 1), SemaphoreWord::Raised::yes); }};
    }

    testing::SharedRoster shared;
    Roster& roster = shared.roster();
};

TEST_F(StoppedWithARing, ThatWereWokenHoldNobodyUp) {
    for (const auto& [name, object] :
         {std::pair("mutex", mutex()), std::pair("recursive mutex", recursive_mutex()),
          std::pair("writers", writers()), std::pair("permit", permit()),
          std::pair("signals", signals())}) {
        SCOPED_TRACE(name);
        stop_one_that_was_woken(roster, object);
    }
}

TEST_F(StoppedWithARing, ThatHaveNotRungHoldNobodyUp) {
    for (const auto& [name, object] :
         {std::pair("mutex", mutex()), std::pair("recursive mutex", recursive_mutex()),
          std::pair("writers", writers()), std::pair("permit", permit()),
          std::pair("signals", signals())}) {
        SCOPED_TRACE(name);
        stop_before_the_ring(roster, object, PartyStep::let_go);
    }
}

TEST_F(StoppedWithARing, ThatWereNotifiedHoldNobodyUp) {
    auto& items = shared.make<testing::GuardedItems>();
    stop_one_that_was_woken(roster, {.start = starter(),
                                     .take_one = [&] { ASSERT_TRUE(items.take(roster)); },
                                     .give_one = [&] { items.add(roster, 1, 1); }});
}

TEST_F(StoppedWithARing, ThatWereWokenForAMessageHoldNobodyUp) {
    testing::RingOfNumbers ring(1);
    stop_one_that_was_woken(
        ring.roster(), {.start = starter(ring),
                        .take_one = [&] { ASSERT_TRUE(ring.get()); },
                        .give_one = [&] { ASSERT_EQ(ring.put(1), MessageRing::Answer::yes); }});
}

TEST_F(StoppedWithARing, ThatWereWokenForAFreeSlotHoldNobodyUp) {
    testing::RingOfNumbers ring(1);
    stop_one_that_was_woken(ring.roster(),
                            {.start = starter(ring),
                             .take_one = [&] { ASSERT_EQ(ring.put(1), MessageRing::Answer::yes); },
                             .hold_all = [&] { ASSERT_EQ(ring.put(1), MessageRing::Answer::yes); },
                             .give_one = [&] { ASSERT_TRUE(ring.get()); }});
}

TEST_F(StoppedWithARing, ThatHaveNotRungForAMessageHoldNobodyUp) {
    testing::RingOfNumbers ring(1);
    stop_before_the_ring(ring.roster(),
                         {.start = starter(ring),
                          .take_one = [&] { ASSERT_TRUE(ring.get()); },
                          .give_one = [&] { ASSERT_EQ(ring.put(1), MessageRing::Answer::yes); }},
                         PartyStep::published);
}

TEST_F(StoppedWithARing, ThatHaveNotRungForAFreeSlotHoldNobodyUp) {
    testing::RingOfNumbers ring(1);
    stop_before_the_ring(ring.roster(),
                         {.start = starter(ring),
                          .take_one = [&] { ASSERT_EQ(ring.put(1), MessageRing::Answer::yes); },
                          .hold_all = [&] { ASSERT_EQ(ring.put(1), MessageRing::Answer::yes); },
                          .give_one = [&] { ASSERT_TRUE(ring.get()); }},
                         PartyStep::settled);
}

TEST_F(StoppedWithARing, ThatWereWokenForAMessageOfAPipeHoldNobodyUp) {
    testing::PipeOfTexts pipe(1);
    stop_one_that_was_woken(
        pipe.roster(),
        {.start = starter(pipe),
         .take_one = [&] { ASSERT_TRUE(pipe.get(PipeSide::second)); },
         .give_one = [&] { ASSERT_EQ(pipe.put(PipeSide::first, "x"), PipeChannel::Answer::yes); }});
}

TEST_F(StoppedWithARing, ThatHaveNotRungForAMessageOfAPipeHoldNobodyUp) {
    testing::PipeOfTexts pipe(1);
    stop_before_the_ring(
        pipe.roster(),
        {.start = starter(pipe),
         .take_one = [&] { ASSERT_TRUE(pipe.get(PipeSide::second)); },
         .give_one = [&] { ASSERT_EQ(pipe.put(PipeSide::first, "x"), PipeChannel::Answer::yes); }},
        PartyStep::published);
}

}  // namespace
}  // namespace pinfold::shm

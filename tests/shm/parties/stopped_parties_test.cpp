// A party is stopped at a step of what it does with an object. Meanwhile all others go on with
// every object of which it has nothing that they need; where they need it, their time-outs are
// honoured. When it goes on, it has lost nothing.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <new>
#include <optional>
#include <pinfold/shm/parties/barrier_word.hpp>
#include <pinfold/shm/parties/bounded_word.hpp>
#include <pinfold/shm/parties/event_word.hpp>
#include <pinfold/shm/parties/pipe_word.hpp>
#include <pinfold/shm/parties/recursive_word.hpp>
#include <pinfold/shm/parties/semaphore_word.hpp>
#include <pinfold/shm/parties/shared_word.hpp>
#include <set>
#include <string>

#include "crash_point_of.hpp"
#include "parties/guarded_items.hpp"
#include "parties/shared_ring.hpp"
#include "party_step.hpp"

namespace pinfold::shm {
namespace {

using namespace std::chrono_literals;
using detail::PartyStep;
using Passed = BarrierWord::Passed;
using Steps = pinfold::testing::CrashPointOf<PartyStep>;

constexpr std::uint32_t seats = 32;
constexpr std::size_t capacity = 4;
constexpr std::uint32_t places = 2;

enum Object : unsigned {
    nothing = 0,
    a_lock = 1,
    a_recursive_lock = 2,
    writing = 4,  // of a SharedWord
    reading = 8,
    a_place = 16,
    signals = 32,
    an_event = 64,
    items = 128,
    a_ring = 256,
    a_pipe = 512,  // in the direction of the stopped one, at its end
};

struct TwoMeet {
    BarrierWord word;
    BarrierWord::Member members[2];
};

class StoppedParty : public ::testing::Test {
  protected:
    StoppedParty() {
        static_cast<void>(roster.seat());
        const PipeWord::Shape shape{.capacity = capacity, .message_bytes = sizeof(int)};
        pipe = new (ring.zeros(PipeWord::bytes_for(shape, shape))) PipeWord;
        pipe->prepare(roster, shape, shape);
        barrier.set_members(2);
    }
    void TearDown() override {
        if (stopped != nullptr) {
            stopped->kill(SIGCONT);
            EXPECT_EQ(stopped->exit_code(), 0);
            roster.bury(1);
        }
        use_all_but(nothing);
        pipe->end();
        EXPECT_EQ(roster.taken_seats(), 1U) << "that of this thread";
    }

    /// Does something in a process of its own, which stops when it first comes to that step.
    template <typename Body>
    void stop_at(PartyStep step, Body body) {
        start(step, body);
        expect_stop();
    }
    template <typename Body>
    void start(PartyStep step, Body body) {
        stopped = ring.start(1, [step, body] {
            Steps::hook_this_thread([step, is_first = true](PartyStep reached) mutable {
                if (reached == step && is_first) {
                    is_first = false;
                    raise(SIGSTOP);
                }
            });
            return body() ? 0 : 1;
        });
    }
    void expect_stop() {
        siginfo_t info{};
        const int what = WSTOPPED | WEXITED | WNOWAIT;
        ASSERT_EQ(waitid(P_PID, static_cast<id_t>(stopped->pid()), &info, what), 0);
        ASSERT_EQ(info.si_code, CLD_STOPPED) << "it does not come to that step";
    }
    void go_on() {
        stopped->kill(SIGCONT);
        EXPECT_EQ(stopped->exit_code(), 0);
        stopped = nullptr;
        roster.bury(1);
    }

    /// All that others do meanwhile succeeds at once.
    void use_all_but(unsigned needed) {
        use_locks_but(needed);
        if ((needed & a_place) == 0) {
            EXPECT_EQ(bounded.take(roster, at_once), Taken::yes);
            EXPECT_TRUE(bounded.give_back(roster));
        }
        if ((needed & signals) == 0) {
            EXPECT_EQ(semaphore.raise(roster, 1), SemaphoreWord::Raised::yes);
            EXPECT_EQ(semaphore.lower(roster, at_once), Taken::yes);
        }
        if ((needed & an_event) == 0) {
            EXPECT_EQ(event.set(roster), Taken::yes);
            EXPECT_EQ(event.wait(roster, at_once), Taken::yes);
        }
        if ((needed & items) == 0) {
            guarded.add(roster, 1, 1);
            EXPECT_TRUE(guarded.take(roster));
        }
        if ((needed & a_ring) == 0) {
            EXPECT_EQ(ring.put(100, at_once), MessageRing::Answer::yes);
            EXPECT_EQ(ring.get(at_once), 100U);
        }
        if ((needed & a_pipe) == 0) {
            send(PipeSide::first);
        }
        send(PipeSide::second);
    }
    void use_locks_but(unsigned needed) {
        if ((needed & a_lock) == 0) {
            EXPECT_EQ(lock.take(roster, at_once, false), Taken::yes);
            EXPECT_TRUE(lock.let_go(roster));
        }
        if ((needed & a_recursive_lock) == 0) {
            EXPECT_EQ(recursive.take(roster, at_once, false), Taken::yes);
            EXPECT_TRUE(recursive.let_go(roster));
        }
        if ((needed & writing) == 0) {
            EXPECT_EQ(many.take(roster, at_once, false), Taken::yes);
            EXPECT_TRUE(many.let_go(roster));
        }
        if ((needed & reading) == 0) {
            EXPECT_EQ(many.take_shared(roster, at_once, false), Taken::yes);
            EXPECT_TRUE(many.let_go_shared(roster));
        }
    }
    void send(PipeSide from) {
        PipeChannel& channel = pipe->from(from);
        const auto out = channel.claim_to_write(roster, at_once);
        ASSERT_EQ(out.answer, PipeChannel::Answer::yes);
        channel.publish(roster, out);
        const auto in = channel.claim_to_read(roster, at_once);
        ASSERT_EQ(in.answer, PipeChannel::Answer::yes);
        channel.settle(roster, in);
    }

    /// Takes it twice, and lets go of it.
    [[nodiscard]] bool take_twice() {
        return recursive.take(roster, for_ever, false) == Taken::yes &&
               recursive.take(roster, for_ever, false) == Taken::yes && recursive.let_go(roster) &&
               recursive.let_go(roster);
    }

    testing::RingOfNumbers ring{capacity};
    Roster& roster = ring.roster();
    OwnerWord& lock = ring.make<OwnerWord>();
    RecursiveWord& recursive = ring.make<RecursiveWord>();
    SharedWord& many = SharedWord::make(ring.zeros(SharedWord::bytes_for(seats)), seats);
    BoundedWord& bounded = BoundedWord::make(ring.zeros(BoundedWord::bytes_for(places)), places);
    SemaphoreWord& semaphore = ring.make<SemaphoreWord>();
    EventWord& event = ring.make<EventWord>();
    testing::GuardedItems& guarded = ring.make<testing::GuardedItems>();
    BarrierWord& barrier = ring.make<TwoMeet>().word;
    PipeWord* pipe = nullptr;
    std::unique_ptr<ChildProcess> stopped;
};

constexpr auto soon = 2ms;

TEST_F(StoppedParty, WithALockHoldsUpOnlyWhoTakesThat) {
    for (const PartyStep step : {PartyStep::took, PartyStep::let_go}) {
        stop_at(step, [this] {
            return lock.take(roster, for_ever, false) == Taken::yes && lock.let_go(roster);
        });
        const bool has_it = step == PartyStep::took;
        use_all_but(has_it ? a_lock : nothing);
        if (has_it) {
            EXPECT_EQ(lock.take(roster, at_once, true), Taken::no_time);
            EXPECT_EQ(lock.take(roster, after(soon), true), Taken::no_time);
            EXPECT_FALSE(lock.is_abandoned());
        }
        go_on();
    }
    stop_at(PartyStep::took, [this] { return take_twice(); });
    use_all_but(a_recursive_lock);
    EXPECT_EQ(recursive.take(roster, after(soon), true), Taken::no_time);
    go_on();
}

TEST_F(StoppedParty, ThatWritesHoldsUpReadersAndWriters) {
    stop_at(PartyStep::took, [this] {
        return many.take(roster, for_ever, false) == Taken::yes && many.let_go(roster);
    });
    use_all_but(writing | reading);
    EXPECT_EQ(many.take(roster, after(soon), true), Taken::no_time);
    EXPECT_EQ(many.take_shared(roster, after(soon), true), Taken::no_time);
}

TEST_F(StoppedParty, ThatReadsHoldsUpWritersAlone) {
    for (const PartyStep step : {PartyStep::took, PartyStep::let_go}) {
        stop_at(step, [this] {
            return many.take_shared(roster, for_ever, false) == Taken::yes &&
                   many.let_go_shared(roster);
        });
        use_all_but(step == PartyStep::took ? writing : nothing);
        if (step == PartyStep::took) {
            EXPECT_EQ(many.take(roster, after(soon), false), Taken::no_time);
            use_all_but(writing);
        }
        go_on();
    }
}

TEST_F(StoppedParty, WithAPlaceLeavesTheOthers) {
    for (const PartyStep step : {PartyStep::named, PartyStep::took, PartyStep::let_go}) {
        stop_at(step, [this] {
            return bounded.take(roster, for_ever) == Taken::yes && bounded.give_back(roster);
        });
        const std::uint32_t had = step == PartyStep::took ? 1 : 0;
        EXPECT_EQ(bounded.free_places(), places - had);
        use_all_but(nothing);
        go_on();
        EXPECT_EQ(bounded.free_places(), places);
    }
}

TEST_F(StoppedParty, ThatSignalsHoldsUpNobody) {
    for (const PartyStep step : {PartyStep::named, PartyStep::let_go, PartyStep::forgot}) {
        stop_at(step, [this] { return semaphore.raise(roster, 1) == SemaphoreWord::Raised::yes; });
        use_all_but(nothing);
        go_on();
        EXPECT_EQ(semaphore.lower(roster, at_once), Taken::yes) << "the stopped one's";
        EXPECT_EQ(semaphore.lower(roster, at_once), Taken::no_time);
        stop_at(step, [this] { return event.set(roster) == Taken::yes; });
        use_all_but(nothing);
        go_on();
        EXPECT_EQ(event.clear(roster), Taken::yes);
    }
}

TEST_F(StoppedParty, ThatIsAboutToSleepOrWokenHoldsUpNobody) {
    for (const PartyStep step :
         {PartyStep::named_bell, PartyStep::prepared, PartyStep::woke, PartyStep::took}) {
        start(step, [this] { return semaphore.lower(roster, for_ever) == Taken::yes; });
        if (step == PartyStep::woke || step == PartyStep::took) {
            usleep(10'000);  // it may sleep by now
            EXPECT_EQ(semaphore.raise(roster, 1), SemaphoreWord::Raised::yes);
        }
        if (step == PartyStep::woke) {
            // If it was not asleep yet, it has taken that without waking.
            siginfo_t info{};
            const int what = WSTOPPED | WEXITED | WNOWAIT;
            EXPECT_EQ(waitid(P_PID, static_cast<id_t>(stopped->pid()), &info, what), 0);
        } else {
            expect_stop();
        }
        use_all_but(nothing);
        EXPECT_EQ(semaphore.raise(roster, 1), SemaphoreWord::Raised::yes);
        go_on();
        while (semaphore.lower(roster, at_once) == Taken::yes) {
        }
    }
}

TEST_F(StoppedParty, ThatIsWokenByAConditionLeavesTheMutexToOthers) {
    start(PartyStep::woke, [this] { return guarded.take(roster); });
    siginfo_t info{};
    while (info.si_pid == 0) {  // until it is asleep, and woken
        EXPECT_EQ(guarded.condition.ring(roster, 1), Taken::yes);
        usleep(100);
        const int what = WSTOPPED | WEXITED | WNOWAIT | WNOHANG;
        ASSERT_EQ(waitid(P_PID, static_cast<id_t>(stopped->pid()), &info, what), 0);
    }
    ASSERT_EQ(info.si_code, CLD_STOPPED);
    use_all_but(nothing);
    guarded.add(roster, 1, 1);
    go_on();
    EXPECT_EQ(guarded.number, 0);
}

TEST_F(StoppedParty, ThatIsAboutToWaitForAConditionHasItsMutex) {
    stop_at(PartyStep::prepared, [this] { return guarded.take(roster); });
    use_all_but(items);
    EXPECT_EQ(guarded.mutex.take(roster, after(soon), false), Taken::no_time);
    stopped->kill(SIGCONT);
    guarded.add(roster, 1, 1);
    go_on();
    EXPECT_EQ(guarded.number, 0);
}

TEST_F(StoppedParty, AtABarrierHoldsUpItsMembersAlone) {
    const auto meet = [this] {
        const Passed passed = barrier.arrive_and_wait(roster, for_ever);
        return barrier.leave(roster) && passed <= Passed::yes_last;
    };
    stop_at(PartyStep::arrived, meet);
    use_all_but(nothing);
    EXPECT_EQ(barrier.arrive_and_wait(roster, for_ever), Passed::yes_last) << "it had arrived";
    use_all_but(nothing);
    go_on();
    EXPECT_TRUE(barrier.is_whole());
    stop_at(PartyStep::took, meet);
    use_all_but(nothing);
    EXPECT_EQ(barrier.arrive_and_wait(roster, after(soon)), Passed::no_time) << "it had not";
    stopped->kill(SIGCONT);
    EXPECT_EQ(stopped->exit_code(), 1) << "it finds the barrier broken";
    stopped = nullptr;
    roster.bury(1);
    EXPECT_TRUE(barrier.leave(roster));
}

class StoppedMessage : public StoppedParty, public ::testing::WithParamInterface<PartyStep> {
  protected:
    /// Others put and get as many as the ring has room for beside the stopped one's slot; what they
    /// get goes to `got`.
    void pass_as_many_as_there_is_room() {
        use_all_but(a_ring);
        for (std::uint64_t i = 0; i + 1 < capacity; ++i) {
            EXPECT_EQ(ring.put(i, at_once), MessageRing::Answer::yes);
            if (const auto number = ring.get(at_once)) {
                EXPECT_TRUE(got.insert(*number).second) << "twice";
            }
        }
    }
    void expect_no_room() {
        EXPECT_EQ(ring.put(3, at_once), MessageRing::Answer::no_time);
        EXPECT_EQ(ring.put(3, after(soon)), MessageRing::Answer::no_time);
    }
    void get_the_rest() {
        while (const auto number = ring.get(at_once)) {
            EXPECT_TRUE(got.insert(*number).second) << "twice";
        }
    }

    std::set<std::uint64_t> got;
};

class StoppedPut : public StoppedMessage {};

TEST_P(StoppedPut, HoldsUpTheRingALapLater) {
    stop_at(GetParam(), [this] { return ring.put(77) == MessageRing::Answer::yes; });
    pass_as_many_as_there_is_room();
    if (GetParam() == PartyStep::claimed_to_write) {
        expect_no_room();
        EXPECT_EQ(ring.get(after(soon)), std::nullopt);
    }
    go_on();
    get_the_rest();
    EXPECT_EQ(got, (std::set<std::uint64_t>{0, 1, 2, 77}));
}

class StoppedGet : public StoppedMessage {};

TEST_P(StoppedGet, HoldsUpTheRingALapLater) {
    auto& its = ring.make<std::atomic<std::uint64_t>>();
    ASSERT_EQ(ring.put(77), MessageRing::Answer::yes);
    stop_at(GetParam(), [this, &its] {
        const auto number = ring.get();
        its = number.value_or(1000);
        return number.has_value();
    });
    pass_as_many_as_there_is_room();
    if (GetParam() == PartyStep::claimed_to_read) {
        expect_no_room();
        EXPECT_EQ(ring.get(after(soon)), std::nullopt);
    }
    go_on();
    EXPECT_TRUE(got.insert(its).second) << "twice";
    get_the_rest();
    EXPECT_EQ(got, (std::set<std::uint64_t>{0, 1, 2, 77}));
}

TEST_F(StoppedParty, AtAPipeHoldsUpItsEndAlone) {
    PipeChannel& there = pipe->from(PipeSide::first);
    const auto put = [this, &there] {
        const auto claim = there.claim_to_write(roster, for_ever);
        there.publish(roster, claim);
        return claim.answer == PipeChannel::Answer::yes;
    };
    const auto get = [this, &there] {
        const auto claim = there.claim_to_read(roster, for_ever);
        there.settle(roster, claim);
        return claim.answer == PipeChannel::Answer::yes;
    };
    stop_at(PartyStep::published, put);
    use_all_but(a_pipe);
    EXPECT_TRUE(get()) << "it is published";
    EXPECT_EQ(there.claim_to_write(roster, after(soon)).answer, PipeChannel::Answer::no_time);
    use_all_but(a_pipe);
    go_on();
    EXPECT_TRUE(put());
    stop_at(PartyStep::settled, get);
    use_all_but(a_pipe);
    EXPECT_TRUE(put()) << "who writes is not held up";
    EXPECT_EQ(there.claim_to_read(roster, after(soon)).answer, PipeChannel::Answer::no_time);
    go_on();
    EXPECT_TRUE(get());
}

std::string name_of_step(const ::testing::TestParamInfo<PartyStep>& step) {
    return "Step" + std::to_string(static_cast<int>(step.param));
}

INSTANTIATE_TEST_SUITE_P(Step, StoppedPut,
                         ::testing::Values(PartyStep::named, PartyStep::claimed_to_write,
                                           PartyStep::published, PartyStep::forgot),
                         name_of_step);
INSTANTIATE_TEST_SUITE_P(Step, StoppedGet,
                         ::testing::Values(PartyStep::named, PartyStep::claimed_to_read,
                                           PartyStep::settled, PartyStep::forgot),
                         name_of_step);

}  // namespace
}  // namespace pinfold::shm

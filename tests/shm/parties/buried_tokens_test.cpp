// After a burial no word speaks of the dead: the memory of all kinds of words is searched for what
// stood for it, whichever step was its last. So it does not matter that incarnations of a seat come
// again.

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <memory>
#include <new>
#include <pinfold/shm/parties/barrier_word.hpp>
#include <pinfold/shm/parties/bounded_word.hpp>
#include <pinfold/shm/parties/event_word.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <pinfold/shm/parties/recursive_word.hpp>
#include <pinfold/shm/parties/semaphore_word.hpp>
#include <pinfold/shm/parties/shared_word.hpp>
#include <span>
#include <vector>

#include "parties/guarded_items.hpp"
#include "parties/ring_slot.hpp"
#include "parties/seat.hpp"
#include "parties/shared_roster.hpp"
#include "party_crash_point.hpp"

namespace pinfold::shm {
namespace {

using detail::PartyStep;
using detail::Seat;
using detail::SlotWord;
using detail::Token;
using std::chrono::microseconds;
using testing::SharedRoster;

constexpr std::uint32_t seats = 4;
constexpr std::uint32_t places = 3;
constexpr std::size_t slots = 4;
constexpr int rounds = 3;

// No counter, lap or number of this test is like it.
constexpr std::uint32_t distinct_incarnation = 0x5a5a5;

struct OneMeets {
    BarrierWord word;
    BarrierWord::Member place;
};

class BuriedTokens : public ::testing::Test {
  protected:
    BuriedTokens() {
        barrier.set_members(1);
        ring.prepare(slots, sizeof(int), false);
    }
    void TearDown() override { testing::disarm_party_crash_point(); }

    template <typename Word>
    [[nodiscard]] Word& searched(std::size_t bytes = sizeof(Word)) {
        void* const memory = shared.zeros(bytes);
        searched_.emplace_back(static_cast<const std::byte*>(memory), bytes);
        return *new (memory) Word();
    }
    template <typename Word>
    [[nodiscard]] Word& searched_behind(std::uint32_t count) {
        void* const memory = shared.zeros(Word::bytes_for(count));
        searched_.emplace_back(static_cast<const std::byte*>(memory), Word::bytes_for(count));
        return Word::make(memory, count);
    }

    /// Where something lies that speaks of the token; -1 where nothing does.
    [[nodiscard]] std::ptrdiff_t find(Token token) const {
        for (const std::span<const std::byte> memory : searched_) {
            for (std::size_t at = 0; at + sizeof(std::uint64_t) <= memory.size(); at += 8) {
                std::array<std::uint32_t, 2> halves{};
                std::memcpy(halves.data(), memory.data() + at, sizeof halves);
                std::uint64_t whole = 0;
                std::memcpy(&whole, memory.data() + at, sizeof whole);
                constexpr std::uint32_t flag = 1U << 31;
                if ((halves[0] & ~flag) == token || (halves[1] & ~flag) == token ||
                    SlotWord::unpack(whole).is_of(token)) {
                    return static_cast<std::ptrdiff_t>(at);
                }
            }
        }
        return -1;
    }

    /// Everything that a thread does with words, several at a time.
    void use_all() {
        static_cast<void>(owner.take(roster, for_ever, true));
        static_cast<void>(recursive.take(roster, for_ever, true));
        static_cast<void>(recursive.take(roster, for_ever, true));
        static_cast<void>(permits.take(roster, at_once));
        static_cast<void>(permits.take(roster, at_once));
        static_cast<void>(barrier.arrive_and_wait(roster, for_ever));
        static_cast<void>(signals.raise(roster, 1));
        static_cast<void>(signals.lower(roster, at_once));
        static_cast<void>(signals.lower(roster, after(microseconds(50))));
        static_cast<void>(event.set(roster));
        static_cast<void>(event.wait(roster, for_ever));
        static_cast<void>(event.clear(roster));
        write();
        write();
        const auto kept = ring.claim_to_read(roster, at_once);
        const auto read = ring.claim_to_read(roster, at_once);
        read_under_lock();
        if (read.answer == MessageRing::Answer::yes) {
            ring.settle(roster, read);
        }
        if (kept.answer == MessageRing::Answer::yes) {
            ring.put_back(roster, kept);
        }
        items.add(roster, 1, 1);
        static_cast<void>(items.take(roster, [] {}));
        items.enter(roster);
        static_cast<void>(items.wait(roster, after(microseconds(50))));
        barrier.reset(roster);
        static_cast<void>(barrier.leave(roster));
        static_cast<void>(permits.give_back(roster));
        static_cast<void>(recursive.let_go(roster));
        static_cast<void>(recursive.let_go(roster));
        static_cast<void>(owner.let_go(roster));
    }

    void write() {
        const auto claim = ring.claim_to_write(roster, at_once);
        if (claim.answer == MessageRing::Answer::yes) {
            ring.publish(roster, claim);
        }
    }
    void read_under_lock() {
        static_cast<void>(many_or_one.take(roster, for_ever, true));
        static_cast<void>(many_or_one.let_go(roster));
        static_cast<void>(many_or_one.take_shared(roster, for_ever, true));
        static_cast<void>(many_or_one.let_go_shared(roster));
    }

    [[nodiscard]] int live_and_die() {
        const int code = shared
                             .start(1,
                                    [this] {
                                        for (int round = 0; round < rounds; ++round) {
                                            use_all();
                                        }
                                        return 0;
                                    })
                             ->exit_code();
        roster.bury(1);
        return code;
    }

    SharedRoster shared{seats};
    Roster& roster = shared.roster();
    Seat& own = roster.seat();
    Seat& childs = (&own)[1];  // seats lie in a row, and are taken from the first on

  private:
    std::vector<std::span<const std::byte>> searched_;

  protected:
    OwnerWord& owner = searched<OwnerWord>();
    RecursiveWord& recursive = searched<RecursiveWord>();
    SharedWord& many_or_one = searched_behind<SharedWord>(seats);
    BoundedWord& permits = searched_behind<BoundedWord>(places);
    BarrierWord& barrier = searched<OneMeets>().word;
    SemaphoreWord& signals = searched<SemaphoreWord>();
    EventWord& event = searched<EventWord>();
    testing::GuardedItems& items = searched<testing::GuardedItems>();
    MessageRing& ring = searched<MessageRing>(MessageRing::bytes_for(slots, sizeof(int)));
};

TEST_F(BuriedTokens, AreNowhereWhicheverStepWasTheLast) {
    int died = 0;
    for (int step = 0; step <= static_cast<int>(PartyStep::lowered_depth); ++step) {
        for (const int passing : {1, 2, 5}) {
            SCOPED_TRACE("step " + std::to_string(step) + ", passing " + std::to_string(passing));
            childs.life.store({distinct_incarnation, 0, 0});
            const Token token = detail::token_of(1, distinct_incarnation);
            testing::arm_party_crash_point(static_cast<PartyStep>(step), passing);
            const int code = live_and_die();
            died += code == -SIGKILL ? 1 : 0;
            EXPECT_TRUE(code == 0 || code == -SIGKILL) << code;
            EXPECT_EQ(find(token), -1);
            EXPECT_EQ(roster.taken_seats(), 1U);
        }
    }
    EXPECT_GT(died, 30) << "most steps are taken";
}

TEST_F(BuriedTokens, AreFoundAsLongAsTheyAreThere) {
    childs.life.store({distinct_incarnation, 0, 0});
    const Token token = detail::token_of(1, distinct_incarnation);
    testing::arm_party_crash_point(PartyStep::claimed_to_read, 1);
    EXPECT_EQ(shared
                  .start(1,
                         [this] {
                             use_all();
                             return 0;
                         })
                  ->exit_code(),
              -SIGKILL);
    EXPECT_NE(find(token), -1);
    roster.bury(1);
    EXPECT_EQ(find(token), -1);
}

TEST_F(BuriedTokens, MayComeAgain) {
    constexpr std::uint32_t last = (1U << detail::incarnation_bits) - 1;
    for (const std::uint32_t incarnation : {last - 1, ~0U - 1}) {
        childs.life.store({incarnation, 0, 0});
        for (int life = 0; life < 4; ++life) {
            EXPECT_EQ(live_and_die(), 0);
        }
    }
    EXPECT_EQ(childs.life.load().incarnation, 2U);
    EXPECT_EQ(owner.take(roster, at_once, false), Taken::yes);
    EXPECT_TRUE(owner.let_go(roster));
    EXPECT_EQ(permits.free_places(), places) << "a thread's permits end with it";
}

}  // namespace
}  // namespace pinfold::shm

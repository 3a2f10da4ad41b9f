#include <pinfold/shm/parties/message_ring.hpp>

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <optional>
#include <pinfold/shm/heap.hpp>
#include <string>
#include <thread>
#include <vector>

#include "parties/shared_ring.hpp"

namespace pinfold::shm {
namespace {

using namespace std::chrono_literals;
using Answer = MessageRing::Answer;
using testing::RingOfNumbers;
using testing::RingOfTexts;

/// A thread that is about to sleep.
class Sleeper {
  public:
    template <typename Body>
    explicit Sleeper(Body body)
        : thread_([this, body] {
              number_ = gettid();
              body();
          }) {
        wait_until_asleep();
    }

    /// Returns when it sleeps, or has ended.
    void wait_until_asleep() const {
        while (number_ == 0 || !is_asleep()) {
            usleep(100);
        }
    }

  private:
    [[nodiscard]] bool is_asleep() const {
        std::ifstream file("/proc/self/task/" + std::to_string(number_) + "/stat");
        std::string text;
        std::getline(file, text);
        const std::size_t name_end = text.rfind(')');
        return name_end == std::string::npos || text.substr(name_end, 4) == ") S ";
    }

    std::atomic<pid_t> number_{0};
    std::jthread thread_;
};

class Ring : public ::testing::Test {
  protected:
    RingOfNumbers ring{4};
    Roster& roster = ring.roster();
};

TEST_F(Ring, GivesMessagesInTheirOrder) {
    std::uint64_t put = 0;
    std::uint64_t got = 0;
    for (int size = 1; size <= 4; ++size) {  // over several laps, at different places
        for (int round = 0; round < 10; ++round) {
            for (int each = 0; each < size; ++each) {
                EXPECT_EQ(ring.put(++put), Answer::yes);
            }
            EXPECT_EQ(ring->size_hint(), static_cast<std::size_t>(size));
            for (int each = 0; each < size; ++each) {
                EXPECT_EQ(ring.get(), ++got);
            }
            EXPECT_EQ(ring->size_hint(), 0U);
        }
    }
    EXPECT_EQ(ring.get(at_once), std::nullopt);
}

TEST_F(Ring, HasAsManySlotsAsWasSaid) {
    for (const std::size_t slots : {1U, 2U, 3U, 5U, 64U}) {
        RingOfNumbers other(slots);
        for (int lap = 0; lap < 3; ++lap) {
            for (std::size_t i = 0; i < slots; ++i) {
                EXPECT_EQ(other.put(i, at_once), Answer::yes);
            }
            EXPECT_EQ(other.put(0, at_once), Answer::no_time);
            EXPECT_EQ(other.put(0, after(2ms)), Answer::no_time);
            for (std::size_t i = 0; i < slots; ++i) {
                EXPECT_EQ(other.get(at_once), i);
            }
        }
    }
}

TEST_F(Ring, RefusesSizesThatMakeNoSense) {
    EXPECT_THROW(static_cast<void>(MessageRing::bytes_for(0, 8)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(MessageRing::bytes_for(MessageRing::most_slots + 1, 8)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(MessageRing::bytes_for(1 << 20, SIZE_MAX / 2)), std::bad_alloc);
}

TEST_F(Ring, MayHaveSlotsInManyHands) {
    for (std::uint64_t i = 0; i < 4; ++i) {
        EXPECT_EQ(ring.put(i), Answer::yes);
    }
    std::vector<MessageRing::Claim> claims;
    for (std::uint64_t i = 0; i < 4; ++i) {
        claims.push_back(ring->claim_to_read(roster, at_once));
        EXPECT_EQ(ring.number(claims.back()), i);
    }
    EXPECT_EQ(ring.get(at_once), std::nullopt);
    ring->settle(roster, claims[1]);
    EXPECT_EQ(ring.put(9, at_once), Answer::no_time) << "the slot that is next is not free";
    ring->put_back(roster, claims[2]);
    EXPECT_EQ(ring.get(at_once), 2U);
    ring->settle(roster, claims[0]);
    EXPECT_EQ(ring.put(4, at_once), Answer::yes);
    EXPECT_EQ(ring.put(5, at_once), Answer::yes);
    EXPECT_EQ(ring.put(6, at_once), Answer::yes);
    EXPECT_EQ(ring.put(7, at_once), Answer::no_time);
    ring->settle(roster, claims[3]);
    EXPECT_EQ(ring.put(7, at_once), Answer::yes);
    for (std::uint64_t i = 4; i < 8; ++i) {
        EXPECT_EQ(ring.get(at_once), i);
    }
}

TEST_F(Ring, TakesAWriteBack) {
    const auto claim = ring->claim_to_write(roster, at_once);
    EXPECT_EQ(ring.put(1), Answer::yes);
    EXPECT_EQ(ring.get(at_once), 1U) << "a message that is being written is passed over";
    ring->undo(roster, claim);
    EXPECT_EQ(ring.get(at_once), std::nullopt);
    for (std::uint64_t i = 0; i < 4; ++i) {
        EXPECT_EQ(ring.put(i, at_once), Answer::yes);
    }
}

TEST_F(Ring, GivesWhatIsThereWhenItIsClosed) {
    EXPECT_EQ(ring.put(1), Answer::yes);
    const auto mine = ring->claim_to_read(roster, at_once);
    EXPECT_EQ(ring.put(2), Answer::yes);
    ring->close(roster);
    EXPECT_TRUE(ring->is_closed());
    EXPECT_EQ(ring.put(3), Answer::no_closed);
    EXPECT_EQ(ring.get(), 2U);
    EXPECT_EQ(ring->claim_to_read(roster, for_ever).answer, Answer::no_closed)
        << "what is left is in the caller's hands";
    const Sleeper other([&] {
        EXPECT_EQ(ring->claim_to_read(roster, at_once).answer, Answer::no_time)
            << "it may be put back";
        EXPECT_EQ(ring.get(), 1U);
        EXPECT_EQ(ring->claim_to_read(roster, for_ever).answer, Answer::no_closed);
    });
    ring->put_back(roster, mine);
}

TEST_F(Ring, WakesReadersWhoWaitForNothing) {
    EXPECT_EQ(ring.put(1), Answer::yes);
    const auto mine = ring->claim_to_read(roster, at_once);
    ring->close(roster);
    std::vector<std::unique_ptr<Sleeper>> readers;
    for (int i = 0; i < 3; ++i) {
        readers.push_back(std::make_unique<Sleeper>(
            [&] { EXPECT_EQ(ring->claim_to_read(roster, for_ever).answer, Answer::no_closed); }));
    }
    ring->settle(roster, mine);
}

TEST_F(Ring, TellsAllWhoWaitThatItIsClosedOrHasEnded) {
    for (const Answer told : {Answer::no_closed, Answer::no_more}) {
        RingOfNumbers empty(1);
        RingOfNumbers full(1);
        EXPECT_EQ(full.put(1), Answer::yes);
        std::vector<std::unique_ptr<Sleeper>> waiters;
        for (int i = 0; i < 3; ++i) {
            waiters.push_back(std::make_unique<Sleeper>(
                [&] { EXPECT_EQ(empty->claim_to_read(empty.roster(), for_ever).answer, told); }));
            waiters.push_back(std::make_unique<Sleeper>([&] { EXPECT_EQ(full.put(2), told); }));
        }
        if (told == Answer::no_closed) {
            empty->close(empty.roster());
            full->close(full.roster());
        } else {
            empty->end();
            full->end();
        }
    }
}

TEST_F(Ring, TellsWhenAllIsSettled) {
    EXPECT_EQ(ring->wait_until_settled(roster, at_once), Answer::yes);
    EXPECT_EQ(ring.put(1), Answer::yes);
    EXPECT_EQ(ring->wait_until_settled(roster, after(2ms)), Answer::no_time);
    const auto mine = ring->claim_to_read(roster, at_once);
    EXPECT_EQ(ring->wait_until_settled(roster, for_ever), Answer::no_own);
    {
        const Sleeper other(
            [&] { EXPECT_EQ(ring->wait_until_settled(roster, for_ever), Answer::yes); });
        EXPECT_EQ(ring.put(2), Answer::yes) << "nobody waits for what comes later";
        ring->settle(roster, mine);
    }
    EXPECT_EQ(ring.get(), 2U);
}

TEST_F(Ring, WakesAsManyWritersAsFindRoom) {
    std::vector<MessageRing::Claim> claims;
    for (std::uint64_t i = 0; i < 4; ++i) {
        EXPECT_EQ(ring.put(i), Answer::yes);
    }
    for (std::uint64_t i = 0; i < 4; ++i) {
        claims.push_back(ring->claim_to_read(roster, at_once));
    }
    std::vector<std::unique_ptr<Sleeper>> writers;
    for (int i = 0; i < 4; ++i) {
        writers.push_back(std::make_unique<Sleeper>([&] { EXPECT_EQ(ring.put(4), Answer::yes); }));
    }
    for (const std::size_t each : {3U, 2U, 1U}) {  // wakes one, who finds that the first is taken
        ring->settle(roster, claims[each]);
        usleep(1000);
        for (const auto& writer : writers) {
            writer->wait_until_asleep();
        }
    }
    ring->settle(roster, claims[0]);
}

TEST_F(Ring, TellsWhenNobodyBuriesAnyMore) {
    const Sleeper waiter(
        [&] { EXPECT_EQ(ring->claim_to_read(roster, for_ever).answer, Answer::no_broken); });
    roster.break_up();
}

TEST_F(Ring, IsPassedOverWhereAThreadIsAtTooMuch) {
    RingOfNumbers large(64);
    for (std::uint64_t i = 0; i < 40; ++i) {
        EXPECT_EQ(large.put(i), Answer::yes);
    }
    std::vector<MessageRing::Claim> claims;
    MessageRing::Claim claim = large->claim_to_read(large.roster(), at_once);
    while (claim.answer == Answer::yes) {
        claims.push_back(claim);
        claim = large->claim_to_read(large.roster(), at_once);
    }
    EXPECT_EQ(claim.answer, Answer::no_room);
    EXPECT_EQ(claims.size(), 30U);
    for (const auto& each : claims) {  // in the order in which they were taken
        EXPECT_TRUE(large->is_own(large.roster(), each));
        large->settle(large.roster(), each);
    }
    EXPECT_EQ(large.get(), 30U);
}

TEST(RingOfManyParties, GivesEachMessageToOneInOrder) {
    constexpr int parties = 3;
    constexpr std::uint64_t messages = 10'000;
    for (const std::size_t slots : {1U, 5U, 64U}) {
        RingOfNumbers ring(slots);
        auto& got = ring.make<std::array<std::atomic<int>, parties * messages>>();
        std::vector<std::unique_ptr<ChildProcess>> writers;
        std::vector<std::unique_ptr<ChildProcess>> readers;
        for (int each = 0; each < parties; ++each) {
            const auto number = static_cast<ProcessNumber>(each + 1);
            writers.push_back(ring.start(number, [&ring, each] {
                for (std::uint64_t i = 0; i < messages; ++i) {
                    if (ring.put(static_cast<std::uint64_t>(each) * messages + i) != Answer::yes) {
                        return 1;
                    }
                }
                return 0;
            }));
            readers.push_back(ring.start(number + parties, [&ring, &got] {
                std::array<std::uint64_t, parties> last{};
                while (const auto message = ring.get()) {
                    const std::uint64_t in_order = *message % messages + 1;
                    if (in_order <= last[*message / messages]) {
                        return 1;
                    }
                    last[*message / messages] = in_order;
                    got[*message].fetch_add(1);
                }
                return 0;
            }));
        }
        for (const auto& writer : writers) {
            EXPECT_EQ(writer->exit_code(), 0);
        }
        ring->close(ring.roster());
        for (const auto& reader : readers) {
            EXPECT_EQ(reader->exit_code(), 0);
        }
        for (const std::atomic<int>& each : got) {
            ASSERT_EQ(each, 1);
        }
    }
}

TEST(RingOfManyParties, LosesNothingWhenItIsClosedAmidWrites) {
    for (int round = 0; round < 300; ++round) {
        RingOfNumbers ring(2);
        std::atomic<std::uint64_t> written = 0;
        std::atomic<std::uint64_t> read = 0;
        {
            std::vector<std::jthread> threads;
            for (int i = 0; i < 2; ++i) {
                threads.emplace_back([&] {
                    while (ring.put(1) == Answer::yes) {
                        ++written;
                    }
                });
                threads.emplace_back([&] {
                    while (ring.get()) {
                        ++read;
                    }
                });
            }
            usleep(static_cast<useconds_t>(round % 20 * 10));
            ring->close(ring.roster());
        }
        ASSERT_EQ(written, read);
    }
}

TEST(RingOfManyParties, IsHeldUpByAStoppedWriterALapLater) {
    RingOfNumbers ring(4);
    auto writer = ring.start(1, [&] {
        const auto claim = ring->claim_to_write(ring.roster(), for_ever);
        raise(SIGSTOP);
        ring.set_number(claim, 77);
        ring->publish(ring.roster(), claim);
        return 0;
    });
    siginfo_t info{};
    EXPECT_EQ(waitid(P_PID, static_cast<id_t>(writer->pid()), &info, WSTOPPED), 0);
    for (std::uint64_t i = 0; i < 3; ++i) {
        EXPECT_EQ(ring.put(i, at_once), Answer::yes);
        EXPECT_EQ(ring.get(at_once), i);
    }
    EXPECT_EQ(ring.put(3, at_once), Answer::no_time);
    EXPECT_EQ(ring.put(3, after(5ms)), Answer::no_time);
    EXPECT_EQ(ring.get(after(5ms)), std::nullopt);
    writer->kill(SIGCONT);
    EXPECT_EQ(writer->exit_code(), 0);
    EXPECT_EQ(ring.put(3, at_once), Answer::no_time) << "its message is there now, and in the way";
    EXPECT_EQ(ring.get(), 77U);
    EXPECT_EQ(ring.put(3, at_once), Answer::yes);
    EXPECT_EQ(ring.get(), 3U);
}

TEST(RingOfTexts, HoldsLongOnesInBlocks) {
    RingOfTexts ring(4);
    const std::size_t before = ring.heap().used_bytes();
    const std::string short_text(RingMessage::room, 's');
    const std::string long_text(5000, 'l');
    for (int round = 0; round < 3; ++round) {
        EXPECT_EQ(ring.put(short_text), Answer::yes);
        EXPECT_EQ(ring.heap().used_bytes(), before);
        EXPECT_EQ(ring.put(long_text), Answer::yes);
        EXPECT_GT(ring.heap().used_bytes(), before);
        EXPECT_EQ(ring.get(), short_text);
        EXPECT_EQ(ring.get(), long_text);
        EXPECT_EQ(ring.heap().used_bytes(), before);
    }
}

TEST(RingOfTexts, TakesALongWriteBack) {
    RingOfTexts ring(4);
    const auto claim = ring->claim_to_write(ring.roster(), for_ever);
    static_cast<void>(ring->take_block(ring.roster(), claim, 1000));
    ring->undo(ring.roster(), claim);
    EXPECT_EQ(ring.heap().used_bytes(), 0U);
    const auto other = ring->claim_to_write(ring.roster(), for_ever);
    EXPECT_THROW(static_cast<void>(ring->take_block(ring.roster(), other, SIZE_MAX / 4)), HeapFull);
    ring->undo(ring.roster(), other);
    EXPECT_EQ(ring.put(std::string(300, 'x')), Answer::yes);
}

TEST(RingOfTexts, FreesWhatNobodyGot) {
    RingOfTexts ring(4);
    for (int i = 0; i < 6; ++i) {
        EXPECT_EQ(ring.put(std::string(1000, 'a'), at_once), i < 4 ? Answer::yes : Answer::no_time);
    }
    EXPECT_EQ(ring.get()->size(), 1000U);
    ring->end();
    ring->free_blocks(ring.heap());
    EXPECT_EQ(ring.heap().used_bytes(), 0U);
}

}  // namespace
}  // namespace pinfold::shm

// Writers and readers of a ring die at each step, and at random moments; so does whoever buries
// them. Each message whose write returned is read by one, whole; a message of a dead reader is
// there again; nothing is read that a dead writer had not published; no block of the heap is lost.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <pinfold/shm/heap.hpp>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "parties/shared_ring.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using Answer = MessageRing::Answer;
using detail::PartyStep;
using testing::RingOfTexts;

constexpr std::uint32_t most_writers = 2048;
constexpr std::uint32_t most_messages = 4095;  // of one writer, whose first is long

/// What was written and read, so that it outlives whoever did.
struct Accounts {
    std::atomic<std::uint32_t> writers{0};
    std::array<std::atomic<std::uint32_t>, most_writers> written{};  // messages of each, from 0
    std::array<std::atomic<std::uint32_t>, 16> in_hands{};           // of each process: id + 1
    std::array<std::atomic<std::uint8_t>, most_writers * most_messages> read{};
    std::atomic<std::uint32_t> torn{0};
};

/// A third of the texts is long.
std::string text_of(std::uint32_t id) {
    std::string text(id % 3 == 0 ? 200 + id % 5000 : 20, static_cast<char>('a' + id % 26));
    std::memcpy(text.data(), &id, sizeof id);
    return text;
}
std::uint32_t id_of(const std::string& text) {
    std::uint32_t id = 0;
    std::memcpy(&id, text.data(), sizeof id);
    return id;
}

class RingDeaths : public ::testing::Test {
  protected:
    static constexpr int writers = 2;  // processes 1 and 2
    static constexpr int parties = 4;  // 3 and 4 read

    void TearDown() override { testing::disarm_party_crash_point(); }

    /// Writes so many messages, and takes some that it began back.
    int write(std::uint32_t messages) {
        const std::uint32_t me = accounts.writers.fetch_add(1);
        for (std::uint32_t each = 0; each < messages; ++each) {
            if (each % 16 == 5) {
                const auto claim = ring->claim_to_write(ring.roster(), for_ever);
                if (each % 32 == 5) {
                    static_cast<void>(ring->take_block(ring.roster(), claim, 500));
                }
                ring->undo(ring.roster(), claim);
            }
            if (ring.put(text_of(me * most_messages + each)) != Answer::yes) {
                return 1;
            }
            accounts.written[me].store(each + 1);
        }
        return 0;
    }

    /// Reads until the ring is closed and empty, and puts some back.
    int read(int number) {
        std::atomic<std::uint32_t>& in_hands = accounts.in_hands[static_cast<std::size_t>(number)];
        for (int each = 0;; ++each) {
            const auto claim = ring->claim_to_read(ring.roster(), for_ever);
            if (claim.answer != Answer::yes) {
                return claim.answer == Answer::no_closed ? 0 : 1;
            }
            if (each % 16 == 5) {
                ring->put_back(ring.roster(), claim);
                continue;
            }
            if (each % 64 == 7) {
                usleep(200);  // so that others fall asleep
            }
            const std::string text = RingOfTexts::text(claim);
            const std::uint32_t id = id_of(text);
            in_hands.store(id + 1);
            ring->settle(ring.roster(), claim);
            if (text != text_of(id)) {
                accounts.torn.fetch_add(1);
            }
            accounts.read[id].fetch_add(1);
            in_hands.store(0);
        }
    }

    [[nodiscard]] std::unique_ptr<ChildProcess> start(int number, std::uint32_t messages) {
        return ring.start(number, [this, number, messages] {
            return number <= writers ? write(messages) : read(number);
        });
    }

    /// For a process that has ended.
    void bury(int number) {
        ring.roster().bury(static_cast<ProcessNumber>(number));
        note_dead_hands(number);
    }
    /// What it was about to account for: read, or there again.
    void note_dead_hands(int number) {
        auto& in_hands = accounts.in_hands[static_cast<std::size_t>(number)];
        if (const std::uint32_t id = in_hands.exchange(0); id != 0) {
            doubtful.insert(id - 1);
        }
    }

    /// Buries whoever ends, until all have. Expects that they were killed, or left with 0.
    void bury_all(std::array<std::unique_ptr<ChildProcess>, parties + 1>& children) {
        for (int left = parties; left > 0;) {
            for (int number = 1; number <= parties; ++number) {
                auto& child = children[static_cast<std::size_t>(number)];
                if (child == nullptr || !child->has_ended()) {
                    continue;
                }
                const int code = child->exit_code();
                EXPECT_TRUE(code == 0 || code == -SIGKILL) << code << " of " << number;
                bury(number);
                child.reset();
                --left;
            }
            if (children[1] == nullptr && children[2] == nullptr && !ring->is_closed()) {
                close();
            }
            usleep(100);
        }
    }

    void close() {
        ring.start(5,
                   [this] {
                       ring->close(ring.roster());
                       return 0;
                   })
            ->exit_code();
        bury(5);
        ring->close(ring.roster());  // if it died
    }

    /// Reads what is left, and looks at the accounts.
    void check() {
        if (!ring->is_closed()) {
            close();
        }
        ASSERT_EQ(read(0), 0);
        EXPECT_EQ(accounts.torn, 0U);
        EXPECT_EQ(ring.heap().used_bytes(), 0U);
        EXPECT_EQ(ring.roster().taken_seats(), 1U) << "that of this thread";
        for (std::uint32_t writer = 0; writer < accounts.writers; ++writer) {
            for (std::uint32_t each = 0; each < most_messages; ++each) {
                const std::uint32_t id = writer * most_messages + each;
                const int times = accounts.read[id];
                const bool was_written = each < accounts.written[writer];
                EXPECT_LE(times, 1) << "doubled";
                EXPECT_TRUE(times == 1 || !was_written || doubtful.contains(id)) << "lost";
                // The one that its writer may have published and not accounted for.
                EXPECT_TRUE(times == 0 || each <= accounts.written[writer]) << "never written";
            }
        }
    }

    RingOfTexts ring{4};
    Accounts& accounts = ring.make<Accounts>();
    std::set<std::uint32_t> doubtful;
};

class EveryStepOfARing : public RingDeaths,
                         public ::testing::WithParamInterface<std::tuple<PartyStep, int>> {};

TEST_P(EveryStepOfARing, MayBeItsLast) {
    const auto [step, passing] = GetParam();
    static_cast<void>(ring.roster().seat());
    testing::arm_party_crash_point(step, passing);
    std::array<std::unique_ptr<ChildProcess>, parties + 1> children;
    for (int number = 1; number <= parties; ++number) {
        children[static_cast<std::size_t>(number)] = start(number, 500);
    }
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
    static_cast<void>(ring.roster().seat());
    bool has_struck = false;
    for (const PartyStep first :
         {PartyStep::claimed_to_write, PartyStep::took_block, PartyStep::named_block,
          PartyStep::gave_block_over, PartyStep::published, PartyStep::claimed_to_read,
          PartyStep::held_block, PartyStep::settled}) {
        const bool reads = first == PartyStep::claimed_to_read || first == PartyStep::held_block ||
                           first == PartyStep::settled;
        if (reads) {
            ASSERT_EQ(write(1), 0);  // whose text is long
        }
        testing::arm_party_crash_point(first, 1);
        EXPECT_EQ(start(reads ? 3 : 1, 1)->exit_code(), -SIGKILL);
        testing::arm_party_crash_point(GetParam(), 1);
        ChildProcess burial([&] {
            ring.roster().bury(reads ? 3 : 1);
            return 0;
        });
        has_struck = burial.exit_code() == -SIGKILL || has_struck;
        testing::disarm_party_crash_point();
        bury(reads ? 3 : 1);
        while (ring->size_hint() > 0) {
            accounts.read[id_of(*ring.get())].fetch_add(1);
        }
    }
    EXPECT_TRUE(has_struck);
    check();
}

INSTANTIATE_TEST_SUITE_P(Step, BurialsOfARing,
                         ::testing::Values(PartyStep::buried_hand, PartyStep::buried_block_held,
                                           PartyStep::buried_slot, PartyStep::buried_block_freed,
                                           PartyStep::buried_name));

TEST_F(RingDeaths, MayBeManyAtRandomMoments) {
    static_cast<void>(ring.roster().seat());
    std::mt19937_64 random(16);
    std::array<std::unique_ptr<ChildProcess>, parties + 1> children;
    for (int number = 1; number <= parties; ++number) {
        children[static_cast<std::size_t>(number)] = start(number, most_messages);
    }
    constexpr int deaths = 600;
    for (int death = 0; death < deaths; ++death) {
        usleep(static_cast<useconds_t>(random() % 1500));
        const int number = static_cast<int>(1 + random() % parties);
        auto& child = children[static_cast<std::size_t>(number)];
        child->kill(SIGKILL);
        static_cast<void>(child->exit_code());
        bury(number);
        child = start(number, most_messages);
    }
    for (const int writer : {1, 2}) {
        children[static_cast<std::size_t>(writer)]->kill(SIGKILL);
    }
    bury_all(children);
    check();
    EXPECT_GT(std::ranges::count_if(accounts.read, [](const auto& times) { return times == 1; }),
              deaths);
}

}  // namespace
}  // namespace pinfold::shm

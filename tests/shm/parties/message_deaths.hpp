#pragma once

// Writers and readers of messages who may die, and what is known of each message all the same.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <random>
#include <set>
#include <string>

#include "child_process.hpp"
#include "party_crash_point.hpp"

namespace pinfold::shm::testing {

/// What was written and read, so that it outlives whoever did. A message has a number: its
/// writer's, times most_messages, and how many that one had written before.
struct MessageAccounts {
    static constexpr std::uint32_t most_writers = 2048;
    static constexpr std::uint32_t most_messages = 4095;  // of one writer, whose first is long

    std::atomic<std::uint32_t> writers{0};
    std::array<std::atomic<std::uint32_t>, most_writers> written{};  // messages of each, from 0
    std::array<std::atomic<std::uint32_t>, 16> in_hands{};           // of each process: id + 1
    std::array<std::atomic<std::uint8_t>, most_writers * most_messages> read{};
    std::atomic<std::uint32_t> torn{0};
    std::atomic<std::uint32_t> disordered{0};
};

/// A third of the texts is long.
inline std::string text_of(std::uint32_t id) {
    std::string text(id % 3 == 0 ? 200 + id % 5000 : 20, static_cast<char>('a' + id % 26));
    std::memcpy(text.data(), &id, sizeof id);
    return text;
}
inline std::uint32_t id_of(const std::string& text) {
    std::uint32_t id = 0;
    std::memcpy(&id, text.data(), sizeof id);
    return id;
}

/// `Channel` has `texts`, a RingOfTexts or a PipeOfTexts, and the writers' and the readers' way
/// through it: from(), to(), put(), get(), is_closed() and close(), and their Answer.
template <typename Channel>
class MessageDeaths : public ::testing::Test {
  protected:
    static constexpr int writers = 2;  // processes 1 and 2
    static constexpr int parties = 4;  // 3 and 4 read
    static constexpr std::uint32_t most_messages = MessageAccounts::most_messages;

    using Answer = typename Channel::Answer;
    using Children = std::array<std::unique_ptr<ChildProcess>, parties + 1>;

    void TearDown() override { disarm_party_crash_point(); }

    [[nodiscard]] Roster& roster() noexcept { return channel.texts.roster(); }

    /// Writes so many messages, and takes some that it began back.
    int write(std::uint32_t messages) {
        const std::uint32_t me = accounts.writers.fetch_add(1);
        for (std::uint32_t each = 0; each < messages; ++each) {
            if (each % 16 == 5) {
                begin_and_undo(each % 32 == 5);
            }
            if (channel.put(text_of(me * most_messages + each)) != Answer::yes) {
                return 1;
            }
            accounts.written[me].store(each + 1);
        }
        return 0;
    }

    /// Reads until the channel is closed and empty, and puts some back.
    int read(int number) {
        std::map<std::uint32_t, std::uint32_t> last;  // of each writer
        for (int each = 0;; ++each) {
            const auto claim = channel.to().claim_to_read(roster(), for_ever);
            if (claim.answer != Answer::yes) {
                return claim.answer == Answer::no_closed ? 0 : 1;
            }
            if (each % 16 == 5) {
                channel.to().put_back(roster(), claim);
                continue;
            }
            if (each % 64 == 7) {
                usleep(200);  // so that others fall asleep
            }
            settle(number, claim, last);
        }
    }

    [[nodiscard]] std::unique_ptr<ChildProcess> start(int number, std::uint32_t messages) {
        return channel.texts.start(number, [this, number, messages] {
            return number <= writers ? write(messages) : read(number);
        });
    }
    [[nodiscard]] Children start_all(std::uint32_t messages) {
        Children children;
        for (int number = 1; number <= parties; ++number) {
            children[static_cast<std::size_t>(number)] = start(number, messages);
        }
        return children;
    }

    /// For a process that has ended.
    void bury(int number) {
        roster().bury(static_cast<ProcessNumber>(number));
        note_dead_hands(number);
    }
    /// What it was about to account for: read, or there again.
    void note_dead_hands(int number) {
        auto& in_hands = accounts.in_hands[static_cast<std::size_t>(number)];
        if (const std::uint32_t id = in_hands.exchange(0); id != 0) {
            doubtful.insert(id - 1);
        }
    }

    /// Buries whoever ends, until all have. Expects that they were killed, or left with 0. Up to so
    /// many further writers follow while the crash point has not struck: how often some steps are
    /// passed is a matter of who meets whom.
    void bury_all(Children& children, int further_writers = 0) {
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
                if (number <= writers && further_writers > 0 && !party_crash_point_struck()) {
                    --further_writers;
                    child = start(number, 500);
                } else {
                    --left;
                }
            }
            if (children[1] == nullptr && children[2] == nullptr && !channel.is_closed()) {
                close();
            }
            usleep(100);
        }
    }

    void close() {
        channel.texts
            .start(5,
                   [this] {
                       channel.close();
                       return 0;
                   })
            ->exit_code();
        bury(5);
        channel.close();  // if it died
    }

    /// Kills one after the other, and starts another one in its place.
    void kill_at_random_moments(int deaths) {
        std::mt19937_64 random(16);
        Children children = start_all(most_messages);
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
        EXPECT_GT(
            std::ranges::count_if(accounts.read, [](const auto& times) { return times == 1; }),
            deaths);
    }

    /// One that writes or reads its first message, which is long, dies at `first`, and whoever
    /// buries it at `then`. Returns whether that one did. All that is there is read in the end.
    bool bury_twice(detail::PartyStep first, bool reads, detail::PartyStep then) {
        const int number = reads ? 3 : 1;
        if (reads) {
            EXPECT_EQ(write(1), 0);
        }
        arm_party_crash_point(first, 1);
        EXPECT_EQ(start(number, 1)->exit_code(), -SIGKILL);
        arm_party_crash_point(then, 1);
        ChildProcess burial([&] {
            roster().bury(static_cast<ProcessNumber>(number));
            return 0;
        });
        const bool has_struck = burial.exit_code() == -SIGKILL;
        disarm_party_crash_point();
        bury(number);
        while (const auto left = channel.get(at_once)) {
            accounts.read[id_of(*left)].fetch_add(1);
        }
        return has_struck;
    }

    /// Reads what is left, and looks at the accounts.
    void check() {
        if (!channel.is_closed()) {
            close();
        }
        ASSERT_EQ(read(0), 0);
        EXPECT_EQ(accounts.torn, 0U);
        EXPECT_EQ(channel.texts.heap().used_bytes(), 0U);
        EXPECT_EQ(roster().taken_seats(), 1U) << "that of this thread";
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

    Channel channel;
    MessageAccounts& accounts = channel.texts.template make<MessageAccounts>();
    std::set<std::uint32_t> doubtful;

  private:
    void begin_and_undo(bool is_long) {
        const auto claim = channel.from().claim_to_write(roster(), for_ever);
        if (is_long) {
            static_cast<void>(channel.from().take_block(roster(), claim, 500));
        }
        channel.from().undo(roster(), claim);
    }
    template <typename Claim>
    void settle(int number, const Claim& claim, std::map<std::uint32_t, std::uint32_t>& last) {
        auto& in_hands = accounts.in_hands[static_cast<std::size_t>(number)];
        const std::string text = channel.texts.text(claim);
        const std::uint32_t id = id_of(text);
        in_hands.store(id + 1);
        channel.to().settle(roster(), claim);
        if (text != text_of(id)) {
            accounts.torn.fetch_add(1);
        }
        if (std::uint32_t& before = last[id / most_messages]; before > id) {
            accounts.disordered.fetch_add(1);
        } else {
            before = id;
        }
        accounts.read[id].fetch_add(1);
        in_hands.store(0);
    }
};

}  // namespace pinfold::shm::testing

// Writers and readers of a pipe die at each step, and at random moments; so does whoever buries
// them. Each message whose write returned is read by one, whole and in its writer's order; a
// message of a dead reader is there again; nothing is read that a dead writer had not published; no
// block of the heap is lost; and no word speaks of a dead one.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "parties/seat.hpp"
#include "parties/shared_pipe.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using Answer = PipeChannel::Answer;
using detail::PartyStep;
using testing::PipeOfTexts;

constexpr std::uint32_t most_writers = 2048;
constexpr std::uint32_t most_messages = 4095;  // of one writer, whose first is long

// Writers have the one, readers the other.
constexpr PipeSide in = PipeSide::first;
constexpr PipeSide out = PipeSide::second;

/// What was written and read, so that it outlives whoever did.
struct Accounts {
    std::atomic<std::uint32_t> writers{0};
    std::array<std::atomic<std::uint32_t>, most_writers> written{};  // messages of each, from 0
    std::array<std::atomic<std::uint32_t>, 16> in_hands{};           // of each process: id + 1
    std::array<std::atomic<std::uint8_t>, most_writers * most_messages> read{};
    std::atomic<std::uint32_t> torn{0};
    std::atomic<std::uint32_t> disordered{0};
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

class PipeDeaths : public ::testing::Test {
  protected:
    static constexpr int writers = 2;  // processes 1 and 2
    static constexpr int parties = 4;  // 3 and 4 read

    PipeDeaths() {
        // This process uses both ends: they do not go with the others.
        EXPECT_EQ(pipe.put(in, "first"), Answer::yes);
        EXPECT_EQ(pipe.get(out), "first");
    }
    void TearDown() override { testing::disarm_party_crash_point(); }

    /// Writes so many messages, and takes some that it began back.
    int write(std::uint32_t messages) {
        const std::uint32_t me = accounts.writers.fetch_add(1);
        PipeChannel& channel = pipe->from(in);
        for (std::uint32_t each = 0; each < messages; ++each) {
            if (each % 16 == 5) {
                const auto claim = channel.claim_to_write(pipe.roster(), for_ever);
                if (each % 32 == 5) {
                    static_cast<void>(channel.take_block(pipe.roster(), claim, 500));
                }
                channel.undo(pipe.roster(), claim);
            }
            if (pipe.put(in, text_of(me * most_messages + each)) != Answer::yes) {
                return 1;
            }
            accounts.written[me].store(each + 1);
        }
        return 0;
    }

    /// Reads until the end of the writers is closed and all is read, and puts some back.
    int read(int number) {
        PipeChannel& channel = pipe->to(out);
        std::atomic<std::uint32_t>& in_hands = accounts.in_hands[static_cast<std::size_t>(number)];
        std::map<std::uint32_t, std::uint32_t> last;  // of each writer
        for (int each = 0;; ++each) {
            const auto claim = channel.claim_to_read(pipe.roster(), for_ever);
            if (claim.answer != Answer::yes) {
                return claim.answer == Answer::no_closed ? 0 : 1;
            }
            if (each % 16 == 5) {
                channel.put_back(pipe.roster(), claim);
                continue;
            }
            if (each % 64 == 7) {
                usleep(200);  // so that others fall asleep
            }
            const std::string text = PipeOfTexts::text(claim);
            const std::uint32_t id = id_of(text);
            in_hands.store(id + 1);
            channel.settle(pipe.roster(), claim);
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
    }

    [[nodiscard]] std::unique_ptr<ChildProcess> start(int number, std::uint32_t messages) {
        return pipe.start(number, [this, number, messages] {
            return number <= writers ? write(messages) : read(number);
        });
    }

    /// For a process that has ended.
    void bury(int number) {
        pipe.roster().bury(static_cast<ProcessNumber>(number));
        // What it was about to account for: read, or there again.
        auto& in_hands = accounts.in_hands[static_cast<std::size_t>(number)];
        if (const std::uint32_t id = in_hands.exchange(0); id != 0) {
            doubtful.insert(id - 1);
        }
    }

    /// Buries whoever ends, until all have. Expects that they were killed, or left with 0. Up to so
    /// many further writers follow while the crash point has not struck: how often some steps are
    /// passed is a matter of who meets whom.
    void bury_all(std::array<std::unique_ptr<ChildProcess>, parties + 1>& children,
                  int further_writers = 0) {
        for (int left = parties; left > 0;) {
            for (int number = 1; number <= parties; ++number) {
                auto& child = children[static_cast<std::size_t>(number)];
                if (child == nullptr || !child->has_ended()) {
                    continue;
                }
                const int code = child->exit_code();
                EXPECT_TRUE(code == 0 || code == -SIGKILL) << code << " of " << number;
                bury(number);
                if (number <= writers && further_writers > 0 &&
                    !testing::party_crash_point_struck()) {
                    --further_writers;
                    child = start(number, 500);
                    continue;
                }
                child.reset();
                --left;
            }
            if (children[1] == nullptr && children[2] == nullptr && !pipe->is_closed(in)) {
                close();
            }
            usleep(100);
        }
    }

    void close() {
        pipe.start(5,
                   [this] {
                       pipe->close(pipe.roster(), in);
                       return 0;
                   })
            ->exit_code();
        bury(5);
        pipe->close(pipe.roster(), in);  // if it died
    }

    /// Reads what is left, and looks at the accounts.
    void check() {
        if (!pipe->is_closed(in)) {
            close();
        }
        ASSERT_EQ(read(0), 0);
        EXPECT_EQ(accounts.torn, 0U);
        EXPECT_EQ(accounts.disordered, 0U);
        EXPECT_EQ(pipe.heap().used_bytes(), 0U);
        EXPECT_EQ(pipe.roster().taken_seats(), 1U) << "that of this thread";
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

    PipeOfTexts pipe{4};
    Accounts& accounts = pipe.make<Accounts>();
    std::set<std::uint32_t> doubtful;
};

class EveryStepOfAPipe : public PipeDeaths,
                         public ::testing::WithParamInterface<std::tuple<PartyStep, int>> {};

TEST_P(EveryStepOfAPipe, MayBeItsLast) {
    const auto [step, passing] = GetParam();
    testing::arm_party_crash_point(step, passing);
    std::array<std::unique_ptr<ChildProcess>, parties + 1> children;
    for (int number = 1; number <= parties; ++number) {
        children[static_cast<std::size_t>(number)] = start(number, 500);
    }
    bury_all(children, step == PartyStep::closed ? 0 : 200);  // they close behind the last
    EXPECT_TRUE(testing::party_crash_point_struck());
    check();
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStepOfAPipe,
    ::testing::Combine(::testing::Values(PartyStep::named, PartyStep::took, PartyStep::let_go,
                                         PartyStep::rang, PartyStep::forgot, PartyStep::named_bell,
                                         PartyStep::prepared, PartyStep::woke,
                                         PartyStep::forgot_bell, PartyStep::took_block,
                                         PartyStep::named_block, PartyStep::gave_block_over,
                                         PartyStep::published, PartyStep::held_block,
                                         PartyStep::settled, PartyStep::freed_block,
                                         PartyStep::took_favour_away, PartyStep::stepped_back),
                       ::testing::Values(1, 7)),
    testing::name_of_death);
INSTANTIATE_TEST_SUITE_P(Once, EveryStepOfAPipe,
                         ::testing::Combine(::testing::Values(PartyStep::joined,
                                                              PartyStep::favoured),
                                            ::testing::Values(1, 2)),
                         testing::name_of_death);
INSTANTIATE_TEST_SUITE_P(Close, EveryStepOfAPipe,
                         ::testing::Combine(::testing::Values(PartyStep::closed),
                                            ::testing::Values(1)),
                         testing::name_of_death);

class BurialsOfAPipe : public PipeDeaths, public ::testing::WithParamInterface<PartyStep> {};

/// A burial that dies as well is begun anew, wherever the dead one was.
TEST_P(BurialsOfAPipe, MayDieToo) {
    bool has_struck = false;
    for (const PartyStep first :
         {PartyStep::named, PartyStep::took_block, PartyStep::named_block,
          PartyStep::gave_block_over, PartyStep::published, PartyStep::held_block,
          PartyStep::settled, PartyStep::freed_block}) {
        const bool reads = first == PartyStep::held_block || first == PartyStep::settled ||
                           first == PartyStep::freed_block;
        if (reads) {
            ASSERT_EQ(write(1), 0);  // whose text is long
        }
        testing::arm_party_crash_point(first, 1);
        EXPECT_EQ(start(reads ? 3 : 1, 1)->exit_code(), -SIGKILL);
        testing::arm_party_crash_point(GetParam(), 1);
        ChildProcess burial([&] {
            pipe.roster().bury(reads ? 3 : 1);
            return 0;
        });
        has_struck = burial.exit_code() == -SIGKILL || has_struck;
        testing::disarm_party_crash_point();
        bury(reads ? 3 : 1);
        while (const auto left = pipe.get(out, at_once)) {
            accounts.read[id_of(*left)].fetch_add(1);
        }
    }
    EXPECT_TRUE(has_struck);
    check();
}

INSTANTIATE_TEST_SUITE_P(Step, BurialsOfAPipe,
                         ::testing::Values(PartyStep::buried_hand, PartyStep::buried_block_held,
                                           PartyStep::buried_slot, PartyStep::buried_block_freed,
                                           PartyStep::buried_name, PartyStep::buried_user));

TEST_F(PipeDeaths, MayBeManyAtRandomMoments) {
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

class TracesInAPipe : public PipeDeaths, public ::testing::WithParamInterface<PartyStep> {};

TEST_P(TracesInAPipe, AreGoneAfterABurial) {
    struct Seen {
        detail::Token token = detail::no_token;
    };
    auto& seen = pipe.make<Seen>();
    const auto begin = [&] {
        seen.token = pipe.roster().seat().token();
        return write(1);
    };
    for (int life = 0; life < 60; ++life) {  // so that its token is like nothing else
        EXPECT_EQ(pipe.start(1, begin)->exit_code(), 0);
        bury(1);
        static_cast<void>(pipe.get(out));
    }
    for (int i = 0; i < 20; ++i) {  // so that this thread is favoured
        EXPECT_EQ(pipe.put(in, "x"), Answer::yes);
        EXPECT_EQ(pipe.get(out), "x");
    }
    testing::arm_party_crash_point(GetParam(), 1);
    EXPECT_EQ(pipe.start(1, begin)->exit_code(), -SIGKILL);
    testing::disarm_party_crash_point();
    bury(1);
    ASSERT_GT(seen.token, 60U << detail::seat_bits);
    std::array<detail::Token, sizeof(PipeWord) / sizeof(detail::Token)> words;
    std::memcpy(words.data(), static_cast<const void*>(&*pipe), sizeof words);
    EXPECT_EQ(std::ranges::count(words, seen.token), 0);
}

INSTANTIATE_TEST_SUITE_P(Step, TracesInAPipe,
                         ::testing::Values(PartyStep::named, PartyStep::took,
                                           PartyStep::took_favour_away, PartyStep::named_block,
                                           PartyStep::published, PartyStep::let_go,
                                           PartyStep::stepped_back, PartyStep::forgot));

/// The last of an end dies in whatever step: whoever waits for the other end is told.
class LastOfAnEnd : public ::testing::TestWithParam<PartyStep> {
  protected:
    void TearDown() override { testing::disarm_party_crash_point(); }
    PipeOfTexts pipe{1};
};

TEST_P(LastOfAnEnd, TellsByItsDeath) {
    testing::arm_party_crash_point(GetParam(), 1);
    const auto dying = pipe.start(1, [this] {
        while (pipe.get(out).has_value()) {
        }
        return 0;
    });
    const auto writer = pipe.start(2, [this] {
        for (;;) {
            const Answer answer = pipe.put(in, std::string(500, 'x'), after(std::chrono::hours(1)));
            if (answer != Answer::yes) {
                return answer == Answer::no_reader ? 0 : 1;
            }
        }
    });
    EXPECT_EQ(dying->exit_code(), -SIGKILL);
    pipe.roster().bury(1);
    EXPECT_EQ(writer->exit_code(), 0);
    pipe.roster().bury(2);
}

INSTANTIATE_TEST_SUITE_P(Step, LastOfAnEnd,
                         ::testing::Values(PartyStep::held_block, PartyStep::settled,
                                           PartyStep::freed_block));

/// A process that is to use an end from its birth on.
class EnrolledAtAnEnd : public ::testing::Test {
  protected:
    EnrolledAtAnEnd() { pipe->enrol(out, 1); }
    void TearDown() override { testing::disarm_party_crash_point(); }

    /// Fills the pipe, then waits for room, or to be told that none will come.
    [[nodiscard]] std::unique_ptr<ChildProcess> start_writer() {
        return pipe.start(2, [this] {
            static_cast<void>(pipe.put(in, "first"));
            return pipe.put(in, "second") == Answer::no_reader ? 0 : 1;
        });
    }
    void wait_until_it_sleeps() {
        while (pipe->from(in).size_hint() == 0) {
            usleep(100);
        }
        usleep(2000);  // it sleeps, most likely
    }

    PipeOfTexts pipe{1};
};

class BurialsOfOneEnrolled : public EnrolledAtAnEnd, public ::testing::WithParamInterface<int> {};

TEST_P(BurialsOfOneEnrolled, MayDieToo) {
    const auto writer = start_writer();
    wait_until_it_sleeps();
    EXPECT_FALSE(pipe->is_gone(out));
    testing::arm_party_crash_point(PartyStep::buried_user, GetParam());
    ChildProcess burial([this] {
        pipe.roster().bury(1);
        return 0;
    });
    EXPECT_EQ(burial.exit_code(), GetParam() > 2 ? 0 : -SIGKILL);
    testing::disarm_party_crash_point();
    pipe.roster().bury(1);
    EXPECT_EQ(writer->exit_code(), 0);
    pipe.roster().bury(2);
    EXPECT_TRUE(pipe->is_gone(out));
}

INSTANTIATE_TEST_SUITE_P(Passing, BurialsOfOneEnrolled, ::testing::Values(1, 2, 3));

TEST_F(EnrolledAtAnEnd, AndNotForkedLeavesTheEndAsItIs) {
    pipe->dismiss(out, 1);
    pipe.roster().bury(1);
    EXPECT_FALSE(pipe->is_gone(out)) << "nobody has used it";
    pipe->enrol(out, 1);
    EXPECT_EQ(pipe.start(3, [this] { return pipe.get(out, at_once) ? 1 : 0; })->exit_code(), 0);
    pipe.roster().bury(3);
    EXPECT_FALSE(pipe->is_gone(out)) << "one is to come";
    const auto writer = start_writer();
    wait_until_it_sleeps();
    pipe->dismiss(out, 1);
    EXPECT_EQ(writer->exit_code(), 0) << "the only one that used it had died";
    pipe.roster().bury(2);
}

}  // namespace
}  // namespace pinfold::shm

// Writers and readers of a pipe die at each step, and at random moments; so does whoever buries
// them. Each message whose write returned is read by one, whole and in its writer's order; a
// message of a dead reader is there again; nothing is read that a dead writer had not published; no
// block of the heap is lost; and no word speaks of a dead one.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <tuple>

#include "message_deaths.hpp"
#include "parties/seat.hpp"
#include "parties/shared_pipe.hpp"
#include "party_crash_point.hpp"
#include "party_deaths.hpp"

namespace pinfold::shm {
namespace {

using Answer = PipeChannel::Answer;
using detail::PartyStep;
using testing::PipeOfTexts;

// Writers have the one, readers the other.
constexpr PipeSide in = PipeSide::first;
constexpr PipeSide out = PipeSide::second;

struct PipeToDieAt {
    using Answer = PipeChannel::Answer;

    PipeOfTexts texts{4};

    [[nodiscard]] PipeChannel& from() noexcept { return texts->from(in); }
    [[nodiscard]] PipeChannel& to() noexcept { return texts->to(out); }
    [[nodiscard]] auto put(const std::string& text) { return texts.put(in, text); }
    [[nodiscard]] auto get(Until until) { return texts.get(out, until); }
    [[nodiscard]] bool is_closed() { return texts->is_closed(in); }
    void close() { texts->close(texts.roster(), in); }
};

class PipeDeaths : public testing::MessageDeaths<PipeToDieAt> {
  protected:
    PipeDeaths() {
        // This process uses both ends: they do not go with the others.
        EXPECT_EQ(pipe().put(in, "first"), Answer::yes);
        EXPECT_EQ(pipe().get(out), "first");
    }

    [[nodiscard]] PipeOfTexts& pipe() noexcept { return channel.texts; }
    void check() {
        MessageDeaths::check();
        EXPECT_EQ(accounts.disordered, 0U);
    }
};

class EveryStepOfAPipe : public PipeDeaths,
                         public ::testing::WithParamInterface<std::tuple<PartyStep, int>> {};

TEST_P(EveryStepOfAPipe, MayBeItsLast) {
    const auto [step, passing] = GetParam();
    testing::arm_party_crash_point(step, passing);
    Children children = start_all(500);
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
    for (const PartyStep first : {PartyStep::named, PartyStep::took_block, PartyStep::named_block,
                                  PartyStep::gave_block_over, PartyStep::published}) {
        has_struck |= bury_twice(first, false, GetParam());
    }
    for (const PartyStep first :
         {PartyStep::held_block, PartyStep::settled, PartyStep::freed_block}) {
        has_struck |= bury_twice(first, true, GetParam());
    }
    EXPECT_TRUE(has_struck);
    check();
}

INSTANTIATE_TEST_SUITE_P(Step, BurialsOfAPipe,
                         ::testing::Values(PartyStep::buried_hand, PartyStep::buried_block_held,
                                           PartyStep::buried_slot, PartyStep::buried_block_freed,
                                           PartyStep::buried_name, PartyStep::buried_user));

TEST_F(PipeDeaths, MayBeManyAtRandomMoments) {
    kill_at_random_moments(600);
    EXPECT_EQ(accounts.disordered, 0U);
}

class TracesInAPipe : public PipeDeaths, public ::testing::WithParamInterface<PartyStep> {};

TEST_P(TracesInAPipe, AreGoneAfterABurial) {
    struct Seen {
        detail::Token token = detail::no_token;
    };
    auto& seen = pipe().make<Seen>();
    const auto begin = [&] {
        seen.token = roster().seat().token();
        return write(1);
    };
    for (int life = 0; life < 60; ++life) {  // so that its token is like nothing else
        EXPECT_EQ(pipe().start(1, begin)->exit_code(), 0);
        bury(1);
        static_cast<void>(pipe().get(out));
    }
    for (int i = 0; i < 20; ++i) {  // so that this thread is favoured
        EXPECT_EQ(pipe().put(in, "x"), Answer::yes);
        EXPECT_EQ(pipe().get(out), "x");
    }
    testing::arm_party_crash_point(GetParam(), 1);
    EXPECT_EQ(pipe().start(1, begin)->exit_code(), -SIGKILL);
    testing::disarm_party_crash_point();
    bury(1);
    ASSERT_GT(seen.token, 60U << detail::seat_bits);
    std::array<detail::Token, sizeof(PipeWord) / sizeof(detail::Token)> words;
    std::memcpy(words.data(), static_cast<const void*>(&*pipe()), sizeof words);
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

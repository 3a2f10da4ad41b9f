#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "parties/shared_pipe.hpp"

namespace pinfold::shm {
namespace {

using namespace std::chrono_literals;
using Answer = PipeChannel::Answer;
using testing::PipeOfTexts;

constexpr PipeSide in = PipeSide::first;
constexpr PipeSide out = PipeSide::second;

TEST(PipeWord, IsFullAtItsCapacityAndNotBefore) {
    for (const std::size_t capacity : {1U, 2U, 3U, 5U, 8U}) {
        PipeOfTexts pipe(capacity);
        for (int round = 0; round < 3; ++round) {
            for (std::size_t i = 0; i < capacity; ++i) {
                EXPECT_EQ(pipe.put(in, std::to_string(i), at_once), Answer::yes);
            }
            EXPECT_EQ(pipe.put(in, "one too many", at_once), Answer::no_time);
            EXPECT_EQ(pipe->from(in).size_hint(), capacity);
            for (std::size_t i = 0; i < capacity; ++i) {
                EXPECT_EQ(pipe.get(out, at_once), std::to_string(i));
            }
            EXPECT_EQ(pipe.get(out, at_once), std::nullopt);
        }
    }
}

TEST(PipeWord, HasAChannelEachWay) {
    PipeOfTexts pipe(2);
    EXPECT_EQ(pipe.put(in, "there"), Answer::yes);
    EXPECT_EQ(pipe.put(out, "back"), Answer::yes);
    EXPECT_EQ(pipe.get(in), "back");
    EXPECT_EQ(pipe.get(out), "there");
}

/// Threads that come to one end in turns, alone for a while, and all at a time: the favour goes
/// from hand to hand.
TEST(PipeWord, KeepsMessagesWholeWhoeverIsFavoured) {
    PipeOfTexts pipe(4);
    constexpr int threads = 3;
    constexpr int messages = 3000;
    std::atomic<int> ended = 0;
    std::vector<std::jthread> writers;
    for (int thread = 0; thread < threads; ++thread) {
        writers.emplace_back([&, thread] {
            for (int i = 0; i < messages; ++i) {
                if (i % 500 == 0) {
                    std::this_thread::sleep_for(thread * 1ms);
                }
                const std::string text(i % 7 == 0 ? 300 : 30, static_cast<char>('a' + thread));
                ASSERT_EQ(pipe.put(in, text), Answer::yes);
            }
            if (++ended == threads) {
                pipe->close(pipe.roster(), in);
            }
        });
    }
    std::atomic<int> got = 0;
    std::vector<std::jthread> readers;
    for (int thread = 0; thread < threads; ++thread) {
        readers.emplace_back([&] {
            while (const auto text = pipe.get(out)) {
                ASSERT_EQ(text->find_first_not_of(text->front()), std::string::npos);
                ++got;
            }
        });
    }
    writers.clear();
    readers.clear();
    EXPECT_EQ(got, threads * messages);
    EXPECT_EQ(pipe.heap().used_bytes(), 0U);
}

/// One that is in and stands still keeps others of its end out, for as long as they like to wait.
TEST(PipeWord, LetsOthersOfAnEndWaitForOneThatIsIn) {
    for (const bool is_favoured : {true, false}) {
        PipeOfTexts pipe(4);
        if (!is_favoured) {
            std::thread([&] { EXPECT_EQ(pipe.put(in, "first"), Answer::yes); }).join();
            EXPECT_EQ(pipe.get(out), "first");
        }
        const auto claim = pipe->from(in).claim_to_write(pipe.roster(), for_ever);
        ASSERT_EQ(claim.answer, Answer::yes);
        std::thread([&] {
            EXPECT_EQ(pipe.put(in, "x", at_once), Answer::no_time);
            EXPECT_EQ(pipe.put(in, "x", after(2ms)), Answer::no_time);
            EXPECT_EQ(pipe.get(out, at_once), std::nullopt);
            EXPECT_EQ(pipe.put(out, "back"), Answer::yes);
        }).join();
        std::vector<std::jthread> waiters;
        for (int i = 0; i < 3; ++i) {
            waiters.emplace_back([&] { EXPECT_EQ(pipe.put(in, "x"), Answer::yes); });
        }
        std::this_thread::sleep_for(5ms);
        EXPECT_EQ(pipe->from(in).size_hint(), 0U);
        pipe->from(in).undo(pipe.roster(), claim);
        waiters.clear();
        EXPECT_EQ(pipe->from(in).size_hint(), 3U);
    }
}

TEST(PipeWord, RefusesAnEndInTheMiddleOfAMessage) {
    PipeOfTexts pipe(4);
    const auto claim = pipe->from(in).claim_to_write(pipe.roster(), for_ever);
    EXPECT_EQ(pipe->from(in).claim_to_write(pipe.roster(), for_ever).answer, Answer::no_own);
    pipe->from(in).undo(pipe.roster(), claim);
    EXPECT_EQ(pipe.put(in, "x"), Answer::yes);
}

/// A thread that ends while it is in was as if it had not come.
TEST(PipeWord, ForgetsAThreadThatEndsInTheMiddle) {
    PipeOfTexts pipe(4);
    EXPECT_EQ(pipe.put(in, "x"), Answer::yes);
    std::thread([&] {
        const auto claim = pipe->from(in).claim_to_write(pipe.roster(), for_ever);
        EXPECT_EQ(claim.answer, Answer::yes);
        EXPECT_EQ(pipe->to(out).claim_to_read(pipe.roster(), for_ever).answer, Answer::yes);
    }).join();
    EXPECT_EQ(pipe.put(in, "y"), Answer::yes);
    EXPECT_EQ(pipe.get(out), "x");
    EXPECT_EQ(pipe.get(out), "y");
}

TEST(PipeWord, FavoursNobodyOfAProcessThatIsGone) {
    PipeOfTexts pipe(4);
    for (int life = 0; life < 50; ++life) {
        const int number = 1 + life % 3;
        const auto child =
            pipe.start(number, [&] { return pipe.put(in, "x") == Answer::yes ? 0 : 1; });
        EXPECT_EQ(child->exit_code(), 0);
        pipe.roster().bury(static_cast<ProcessNumber>(number));
        EXPECT_TRUE(pipe->is_gone(in));
        EXPECT_EQ(pipe.get(out), "x");
        EXPECT_EQ(pipe.get(out), std::nullopt);
    }
}

TEST(PipeWord, TellsThoseWhoWaitOfItsEnd) {
    PipeOfTexts pipe(1);
    EXPECT_EQ(pipe.put(in, "x"), Answer::yes);
    std::vector<std::jthread> waiters;
    for (int i = 0; i < 2; ++i) {
        waiters.emplace_back([&] { EXPECT_EQ(pipe.put(in, "y"), Answer::no_more); });
        waiters.emplace_back([&] {
            EXPECT_EQ(pipe->to(in).claim_to_read(pipe.roster(), for_ever).answer, Answer::no_more);
        });
    }
    std::this_thread::sleep_for(5ms);
    pipe->from(in).end();
    pipe->from(out).end();
    waiters.clear();
    EXPECT_EQ(pipe.put(in, "z"), Answer::no_more);
}

TEST(PipeWord, TellsThoseWhoWaitThatNobodyBuries) {
    PipeOfTexts pipe(1);
    std::jthread waiter([&] {
        EXPECT_EQ(pipe->to(out).claim_to_read(pipe.roster(), for_ever).answer, Answer::no_broken);
    });
    std::this_thread::sleep_for(5ms);
    pipe.roster().break_up();
}

}  // namespace
}  // namespace pinfold::shm

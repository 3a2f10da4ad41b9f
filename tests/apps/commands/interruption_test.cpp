// Ctrl-C in the middle of a long job ends the command at once and leaves no process.

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>

#include "command.hpp"

namespace pinfold::apps {
namespace {

/// A job of many minutes that has started to work.
class Interruption : public testing::TestWithParam<const char*> {
  protected:
    static Command::Arguments long_job() {
        return {"prime-sum", "0", "1e13", "--method", "sieve", "--crew", GetParam(), "--progress"};
    }
};

TEST_P(Interruption, ByCtrlCEndsWithStatus130AndLeavesNothing) {
    Command command(long_job());
    ASSERT_TRUE(command.wait_for_error_text());
    command.signal_group(SIGINT);
    const Outcome outcome = command.finish();
    EXPECT_EQ(outcome.status, 130);
    EXPECT_EQ(outcome.output, "");
    EXPECT_FALSE(outcome.processes_left);
}

TEST_P(Interruption, OfTheCommandAloneEndsItsWorkersToo) {
    Command command(long_job());
    ASSERT_TRUE(command.wait_for_error_text());
    command.signal(SIGINT);
    const Outcome outcome = command.finish();
    EXPECT_EQ(outcome.status, 130);
    EXPECT_FALSE(outcome.processes_left);
}

TEST_P(Interruption, BySigtermEndsWithStatus143) {
    Command command(long_job());
    ASSERT_TRUE(command.wait_for_error_text());
    command.signal(SIGTERM);
    const Outcome outcome = command.finish();
    EXPECT_EQ(outcome.status, 143);
    EXPECT_FALSE(outcome.processes_left);
}

TEST_P(Interruption, RightAtTheStartLeavesNothing) {
    // The signal comes while the program makes its pool or just began to work.
    for (int i = 0; i < 20; ++i) {
        Command command(long_job());
        ASSERT_TRUE(command.wait_until_it_blocks(SIGINT));
        std::this_thread::sleep_for(std::chrono::microseconds(500 * i));
        command.signal_group(SIGINT);
        const Outcome outcome = command.finish();
        EXPECT_EQ(outcome.status, 130);
        EXPECT_FALSE(outcome.processes_left);
    }
}

TEST_P(Interruption, InTheMiddleOfOneLongChunkDoesNotWaitForIt) {
    // All of it is one chunk, and longer than any test; the serial crew shows no progress in it.
    Command command(
        {"prime-sum", "0", "1e14", "--method", "trial", "--grain", "1e14", "--crew", GetParam()});
    ASSERT_TRUE(command.wait_until_it_blocks(SIGINT));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    command.signal_group(SIGINT);
    const Outcome outcome = command.finish();
    EXPECT_EQ(outcome.status, 130);
    EXPECT_FALSE(outcome.processes_left);
}

TEST(InterruptionOfOutput, ThatNobodyReadsDoesNotHang) {
    // Far more lines than a pipe holds, and the test reads none before the signal.
    Command command({"fib", "0", "1e5", "--mod", "1e9"});
    ASSERT_TRUE(command.wait_until_it_blocks(SIGINT));
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    command.signal_group(SIGINT);
    const Outcome outcome = command.finish();
    EXPECT_EQ(outcome.status, 130);
    EXPECT_FALSE(outcome.processes_left);
}

INSTANTIATE_TEST_SUITE_P(OnEachCrew, Interruption,
                         testing::Values("serial", "threads", "processes"),
                         [](const auto& crew) { return std::string(crew.param); });

}  // namespace
}  // namespace pinfold::apps

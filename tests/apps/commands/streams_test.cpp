// A full disk, a closed pipe or a closed stdout is an error with one line, never a crash.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "command.hpp"

namespace pinfold::apps {
namespace {

void expect_failed_to_write(const Command::Arguments& arguments, Stdout where,
                            const std::string& reason) {
    const Outcome outcome = run_command(arguments, where);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_FALSE(outcome.processes_left);
    EXPECT_TRUE(outcome.error.starts_with("pinfold: ")) << outcome.error;
    EXPECT_NE(outcome.error.find(reason), std::string::npos) << outcome.error;
    EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
}

// Ten lines, a table that is longer than any buffer, and what needs no workers at all.
const Command::Arguments short_answer{"prime-sum", "0", "10"};
const Command::Arguments long_answer{"fib", "0", "1e5", "--mod", "1e9"};
const Command::Arguments help{"--help"};

TEST(StandardOutput, OnAFullDiskIsAnError) {
    if (access("/dev/full", W_OK) != 0) {
        GTEST_SKIP() << "this machine has no /dev/full";
    }
    for (const auto& arguments : {short_answer, long_answer, help}) {
        expect_failed_to_write(arguments, Stdout::full_disk, "No space left on device");
    }
}

TEST(StandardOutput, ThatNobodyReadsIsAnError) {
    for (const auto& arguments : {short_answer, long_answer, help}) {
        expect_failed_to_write(arguments, Stdout::closed_pipe, "Broken pipe");
    }
}

TEST(StandardOutput, ThatIsClosedIsAnError) {
    for (const auto& arguments : {short_answer, long_answer, help}) {
        expect_failed_to_write(arguments, Stdout::closed, "standard output is closed");
    }
}

TEST(Progress, IsNotShownInAPipe) {
    EXPECT_EQ(run_command({"prime-sum", "0", "1e6"}).error, "");
}

}  // namespace
}  // namespace pinfold::apps

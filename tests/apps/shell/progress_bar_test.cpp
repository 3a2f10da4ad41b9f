#include "shell/progress_bar.hpp"

#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

namespace pinfold::apps {
namespace {

using std::chrono::seconds;

TEST(ProgressLine, ShowsShareRateAndRemainingTime) {
    EXPECT_EQ(progress_line({.chunks_done = 25, .chunks_total = 100}, 1e9, seconds(10)),
              "[=======                       ]  25 %  2.5e+07 numbers/s  0:30 left");
}

TEST(ProgressLine, ShowsHoursWhenThereAreSome) {
    EXPECT_EQ(progress_line({.chunks_done = 1, .chunks_total = 1000}, 1000, seconds(10)),
              "[                              ]   0 %  0.1 numbers/s  2:46:30 left");
}

TEST(ProgressLine, SaysNothingAboutARateBeforeTheFirstChunk) {
    EXPECT_EQ(progress_line({.chunks_done = 0, .chunks_total = 100}, 1e9, seconds(10)),
              "[                              ]   0 %");
    EXPECT_EQ(progress_line({.chunks_done = 0, .chunks_total = 0}, 0, seconds(0)),
              "[                              ]   0 %");
}

TEST(ProgressLine, DoesNotClaimToBeDoneBeforeItIs) {
    EXPECT_EQ(progress_line({.chunks_done = 999, .chunks_total = 1000}, 1000, seconds(999)),
              "[============================= ]  99 %  1 numbers/s  0:01 left");
}

TEST(ProgressLine, StaysReadableWhenTheEndIsOutOfSight) {
    EXPECT_EQ(
        progress_line({.chunks_done = 1, .chunks_total = 4'000'000}, 1e19, seconds(3600), 100),
        "[                              ]   0 %  6.94e+08 numbers/s  more than 999 hours left");
}

TEST(ProgressLine, ShortensTheBarFirstOnANarrowTerminal) {
    const auto line = [](int columns) {
        return progress_line({.chunks_done = 25, .chunks_total = 100}, 1e9, seconds(10), columns);
    };
    EXPECT_EQ(line(60), "[=====                ]  25 %  2.5e+07 numbers/s  0:30 left");
    EXPECT_EQ(line(47), "[==      ]  25 %  2.5e+07 numbers/s  0:30 left");
    EXPECT_EQ(line(46), "[======                    ]  25 %  0:30 left");
    EXPECT_EQ(line(28), "[==      ]  25 %  0:30 left");
    EXPECT_EQ(line(20), "[==         ]  25 %");
    EXPECT_EQ(line(16), " 25 %");
    EXPECT_EQ(line(6), " 25 %");
    EXPECT_EQ(line(5), "");
    EXPECT_EQ(line(0), "");
}

TEST(ProgressLine, NeverReachesTheLastColumn) {
    for (const std::uint64_t done : {0U, 1U, 500'000U, 999'999U}) {
        for (const double elapsed : {0.0, 1e-3, 10.0, 1e5, 1e9}) {
            for (int columns = 1; columns <= 200; ++columns) {
                const std::string line =
                    progress_line({.chunks_done = done, .chunks_total = 1'000'000}, 1.8e19,
                                  std::chrono::duration<double>(elapsed), columns);
                EXPECT_LT(static_cast<int>(line.size()), columns) << line;
            }
        }
    }
}

/// What a bar writes to standard error, which is `descriptor`, for a job that is half done for as
/// long as a bar waits before it shows itself, and then done.
void show_half_a_job(int descriptor) {
    const pid_t child = fork();
    if (child == 0) {
        dup2(descriptor, STDERR_FILENO);
        setenv("TERM", "xterm", 1);
        ProgressBar bar(100);
        bar.update({.chunks_done = 1, .chunks_total = 2});
        std::this_thread::sleep_for(std::chrono::milliseconds(500));
        bar.update({.chunks_done = 1, .chunks_total = 2});
        bar.update({.chunks_done = 2, .chunks_total = 2});
        _exit(0);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_EQ(status, 0);
}

std::string read_once(int descriptor) {
    std::array<char, 1024> text{};
    const ssize_t got = read(descriptor, text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(got > 0 ? got : 0)};
}

TEST(ProgressBar, IsOneLineThatIsErasedOnATerminal) {
    int terminal = -1;
    int bar_end = -1;
    if (openpty(&terminal, &bar_end, nullptr, nullptr, nullptr) != 0) {
        GTEST_SKIP() << "this machine gives no pseudo-terminal";
    }
    show_half_a_job(bar_end);
    const std::string text = read_once(terminal);
    EXPECT_TRUE(text.starts_with("\r[====")) << text;
    EXPECT_TRUE(text.ends_with("\r\x1b[K")) << text;
    EXPECT_NE(text.find(" 50 %"), std::string::npos) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    close(terminal);
    close(bar_end);
}

TEST(ProgressBar, IsLinesElsewhere) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe(ends.data()), 0);
    show_half_a_job(ends[1]);
    const std::string text = read_once(ends[0]);
    EXPECT_TRUE(text.starts_with("[====")) << text;
    EXPECT_TRUE(text.ends_with(" left\n")) << text;
    EXPECT_EQ(text.find('\r'), std::string::npos) << text;
    close(ends[0]);
    close(ends[1]);
}

}  // namespace
}  // namespace pinfold::apps

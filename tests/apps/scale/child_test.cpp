#include "scale/process/child.hpp"
#include "scale/process/stray_processes.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>

namespace pinfold::apps {
namespace {

using namespace std::chrono_literals;

ChildRequest shell(const std::string& script) {
    return {.program = "/bin/sh", .words = {"sh", "-c", script}, .environment = {}};
}

ChildEnding ending_of(const std::string& script) {
    return run_child(shell(script), {});
}

/// Nothing of a run may be there afterwards.
class AChild : public testing::Test {
  protected:
    void TearDown() override {
        EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1);
        EXPECT_EQ(errno, ECHILD);
    }
};

TEST_F(AChild, TellsItsStatusItsOutputAndItsError) {
    const ChildEnding ending = ending_of("echo out; echo wrong >&2; exit 3");
    EXPECT_EQ(ending.end, ChildEnd::exited);
    EXPECT_EQ(ending.code, 3);
    EXPECT_EQ(ending.output, "out\n");
    EXPECT_EQ(ending.error, "wrong\n");
    EXPECT_GT(ending.seconds, 0);
    EXPECT_GT(ending.rss_bytes, 0);
    EXPECT_EQ(ending.left_behind, 0);
}

TEST_F(AChild, CountsTheTimeOfItsChildren) {
    const ChildEnding ending =
        ending_of("sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'");
    EXPECT_GT(ending.cpu_seconds, 0);
}

TEST_F(AChild, TellsTheSignalThatKilledIt) {
    const ChildEnding ending = ending_of("kill -SEGV $$");
    EXPECT_EQ(ending.end, ChildEnd::killed);
    EXPECT_EQ(ending.code, SIGSEGV);
}

TEST_F(AChild, GetsVariablesInPlaceOfOurs) {
    setenv("PINFOLD_WORKERS", "7", 1);
    ChildRequest request = shell("env | grep ^PINFOLD_WORKERS");
    request.environment = {{"PINFOLD_WORKERS", "2"}};
    EXPECT_EQ(run_child(request, {}).output, "PINFOLD_WORKERS=2\n");
    unsetenv("PINFOLD_WORKERS");
}

TEST_F(AChild, HasTheUsualSignalsAndNoInput) {
    signal(SIGPIPE, SIG_IGN);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    const ChildEnding ending = ending_of("grep -E '^Sig(Blk|Ign)' /proc/self/status; cat");
    pthread_sigmask(SIG_UNBLOCK, &blocked, nullptr);
    EXPECT_EQ(ending.output.find("SigBlk:\t0000000000000000\n"), 0U) << ending.output;
    EXPECT_NE(ending.output.find("SigIgn:\t0000000000000000\n"), std::string::npos);
}

TEST_F(AChild, MayPrintAMegabyteOrMuchMore) {
    const ChildEnding some = ending_of("head -c 1000000 /dev/zero; echo end");
    EXPECT_EQ(some.output.size(), 1'000'004U);
    EXPECT_FALSE(some.output_cut);
    const ChildEnding much = ending_of("head -c 70000000 /dev/zero; echo end");
    EXPECT_TRUE(much.output_cut);
    EXPECT_TRUE(much.output.ends_with("end\n"));
    EXPECT_LE(much.output.size(), 2 * most_output);
}

TEST_F(AChild, MayCloseItsOutputAndGoOn) {
    const ChildEnding ending = ending_of("echo 5; exec >&- 2>&-; sleep .1; exit 4");
    EXPECT_EQ(ending.output, "5\n");
    EXPECT_EQ(ending.code, 4);
}

TEST_F(AChild, IsNotWaitedForBeyondItsEndWhateverHoldsItsOutput) {
    // Both hold the pipe for longer than any test; one has left the group.
    const ChildEnding ending = ending_of("sleep 1000 & setsid sleep 1000 & echo 5");
    EXPECT_EQ(ending.output, "5\n");
    EXPECT_GE(ending.left_behind, 1);
}

TEST_F(AChild, EndsAtItsDeadlineWithAllThatItStarted) {
    ChildRequest request = shell("trap '' TERM; sleep 1000 & wait");
    request.deadline = 50ms;
    EXPECT_EQ(run_child(request, {}).end, ChildEnd::timed_out);
}

TEST_F(AChild, EndsWhenAStopIsRequested) {
    std::stop_source stop;
    std::jthread user([&] {
        std::this_thread::sleep_for(50ms);
        stop.request_stop();
    });
    EXPECT_EQ(run_child(shell("trap '' TERM; while :; do sleep 1000; done"), stop.get_token()).end,
              ChildEnd::stopped);
}

TEST_F(AChild, ThatCannotBeRunIsAClearError) {
    const auto refusal = [](const std::string& program) -> std::string {
        try {
            static_cast<void>(run_child({.program = program, .words = {program}}, {}));
        } catch (const std::invalid_argument& error) {
            return error.what();
        }
        return "nothing was refused";
    };
    EXPECT_EQ(refusal("/no/such"), "cannot run '/no/such': No such file or directory");
    EXPECT_EQ(refusal("/proc"), "cannot run '/proc': Permission denied");
}

TEST_F(AChild, DiesWithItsParent) {
    adopt_stray_processes();
    const std::string file = testing::TempDir() + "child-pid";
    std::filesystem::remove(file);
    const pid_t parent = fork();
    if (parent == 0) {
        static_cast<void>(ending_of("echo $$ > " + file + ".new; mv " + file + ".new " + file +
                                    "; exec sleep 1000"));
        _exit(0);
    }
    pid_t child = 0;
    while (!(std::ifstream(file) >> child)) {
        std::this_thread::sleep_for(2ms);
    }
    kill(parent, SIGKILL);
    waitpid(parent, nullptr, 0);
    // It falls to us, since this process adopts strays.
    EXPECT_EQ(waitpid(child, nullptr, 0), child);
    std::filesystem::remove(file);
}

}  // namespace
}  // namespace pinfold::apps

// --trace, of every computing command: the file, read back, and what is refused.
#include <gtest/gtest.h>

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "command.hpp"
#include "timeline/checked_timeline.hpp"

namespace pinfold::apps {
namespace {

using Words = Command::Arguments;
using testing::check_timeline_file;
using testing::CheckedTimeline;

class Trace : public ::testing::Test {
  protected:
    Trace() { std::filesystem::create_directory(folder_); }
    ~Trace() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string file(const std::string& name = "trace.json") const {
        return folder_ / name;
    }

    /// The timeline of a command that succeeds.
    [[nodiscard]] CheckedTimeline trace_of(Words words) const {
        words.insert(words.end(), {"--trace", file(), "--workers", "2", "--pin", "none"});
        static_cast<void>(output_of(words));
        CheckedTimeline timeline = check_timeline_file(file());
        EXPECT_EQ(timeline.faults, std::vector<std::string>());
        EXPECT_NE(timeline.name.find(words.front()), std::string::npos);
        for (const testing::CheckedJob& job : timeline.jobs) {
            EXPECT_EQ(job.outcome, "complete");
            EXPECT_EQ(job.chunks, job.plan_chunks);
        }
        return timeline;
    }

  private:
    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("trace_test_" + std::to_string(getpid()));
};

TEST_F(Trace, IsOfEveryComputingCommand) {
    for (const Words& words : std::vector<Words>{
             {"prime-sum", "0", "1e8", "--method", "sieve"},
             {"prime-count", "0", "1e8", "--method", "combinatorial", "--crew", "threads"},
             {"prime-sum", "--each", "1000:100000:1000", "--crew", "serial"},
             {"fib", "1e5", "--hash"},
             {"fib", "0", "1e4", "--mod", "97", "--sum"},
             {"is-prime", "97", "91"},
             {"is-prime", "--random", "1e5", "--count"}}) {
        const CheckedTimeline timeline = trace_of(words);
        ASSERT_GE(timeline.jobs.size(), 1U) << words.front();
        EXPECT_GE(timeline.jobs.front().chunks, 1U) << words.front();
    }
}

TEST_F(Trace, HasAllJobsOfACommandInOneFile) {
    EXPECT_GE(trace_of({"nth-prime", "1e6"}).jobs.size(), 2U);
    EXPECT_GE(trace_of({"prime-sum", "0", "1e7", "--verify"}).jobs.size(), 2U);
}

TEST_F(Trace, OfACommandThatIsStoppedHasWhatWasDone) {
    for (const std::string crew : {"processes", "threads", "serial"}) {
        const Outcome late =
            run_command({"prime-sum", "0", "1e12", "--method", "sieve", "--crew", crew,
                         "--deadline", "300ms", "--pin", "none", "--trace", file()});
        EXPECT_EQ(late.status, 1);
        const CheckedTimeline timeline = check_timeline_file(file());
        EXPECT_EQ(timeline.faults, std::vector<std::string>());
        ASSERT_EQ(timeline.jobs.size(), 1U);
        EXPECT_EQ(timeline.jobs[0].outcome, "timed out");
        EXPECT_LT(timeline.jobs[0].chunks, timeline.jobs[0].plan_chunks);
    }
    Command stopped({"prime-sum", "0", "1e12", "--method", "sieve", "--pin", "none", "--progress",
                     "--trace", file()});
    ASSERT_TRUE(stopped.wait_for_error_text());
    stopped.signal(SIGINT);
    EXPECT_EQ(stopped.finish().status, 130);
    const CheckedTimeline timeline = check_timeline_file(file());
    EXPECT_EQ(timeline.faults, std::vector<std::string>());
    ASSERT_EQ(timeline.jobs.size(), 1U);
    EXPECT_EQ(timeline.jobs[0].outcome, "cancelled");
}

TEST_F(Trace, IsRefusedBeforeTheWorkWhereItCannotBeWritten) {
    // Some minutes of work, if it began.
    const Words work{"prime-sum", "0", "1e13", "--method", "sieve", "--trace"};
    const auto refused = [&](const std::string& name, const Words& more = {}) {
        Words words = work;
        words.push_back(name);
        words.insert(words.end(), more.begin(), more.end());
        const Outcome outcome = run_command(words);
        EXPECT_EQ(outcome.status, 2) << name;
        EXPECT_EQ(outcome.output, "");
        EXPECT_NE(outcome.error.find("--trace '" + name + "'"), std::string::npos) << outcome.error;
        return outcome.error;
    };
    refused("/nowhere/trace.json");
    refused("/");
    std::ofstream(file("notes.txt")) << "of value";
    refused(file("notes.txt"));
    std::ifstream notes(file("notes.txt"));
    EXPECT_EQ(std::string(std::istreambuf_iterator<char>(notes), {}), "of value");
    refused(file("both"), {"--journal", file("both")});
}

TEST_F(Trace, ThatDoesNotFitOnTheDiskIsToldBehindTheResult) {
    const Outcome outcome = run_command({"prime-sum", "0", "1000", "--trace", "/dev/full"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.output, "76127\n");
    EXPECT_NE(outcome.error.find("/dev/full"), std::string::npos) << outcome.error;
}

TEST_F(Trace, IsWrittenOverAnOlderOne) {
    static_cast<void>(trace_of({"prime-sum", "0", "1e8", "--method", "sieve"}));
    EXPECT_EQ(trace_of({"is-prime", "97"}).jobs.size(), 1U);
}

}  // namespace
}  // namespace pinfold::apps

// pinfold scale as a user runs it. Its runs are as short as --shortest-run lets them be.
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "commands/command.hpp"
#include "parsed_json.hpp"
#include "study/study_json.hpp"

namespace pinfold::apps {
namespace {

using namespace std::chrono_literals;
using Words = Command::Arguments;

class ScaleCommand : public testing::Test {
  protected:
    ScaleCommand() {
        std::string name = testing::TempDir() + "scale-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    ~ScaleCommand() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
    [[nodiscard]] std::string out() const { return path("study"); }

    [[nodiscard]] std::string text(const std::string& name) const {
        std::ifstream file(path(name));
        return {std::istreambuf_iterator<char>(file), {}};
    }

    /// The words of a study whose machine is not measured and whose runs may be short.
    [[nodiscard]] Words words(const Words& options, const Words& command) const {
        Words all{"scale",    "--out",    out(),          "--no-machine", "--shortest-run",
                  "1ms",      "--narrow", "0%",           "--workers",    "2",
                  "--repeat", "2",        "--no-progress"};
        all.insert(all.end(), options.begin(), options.end());
        all.emplace_back("--");
        all.insert(all.end(), command.begin(), command.end());
        return all;
    }

    [[nodiscard]] Outcome run(const Words& options, const Words& command) const {
        return run_command(words(options, command));
    }

    /// A program that counts its runs in a file, and does in each what `script` says.
    [[nodiscard]] Words program(const std::string& script) const {
        return {"/bin/sh", "-c",
                "echo x >> " + path("runs") + "; run=$(wc -l < " + path("runs") + "); " + script};
    }

    [[nodiscard]] int runs() const {
        const std::string lines = text("runs");
        return static_cast<int>(std::count(lines.begin(), lines.end(), '\n'));
    }

    std::string folder_;
};

const Words short_sum{"prime-sum", "0", "2e7", "--method", "sieve"};

TEST_F(ScaleCommand, LeavesAStudyInAllItsForms) {
    const Outcome outcome =
        run({"--workers", "1,2", "--crews", "threads,processes", "--seed", "7"}, short_sum);
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(outcome.error, "");
    EXPECT_FALSE(outcome.processes_left);
    EXPECT_NE(outcome.output.find("base: serial"), std::string::npos) << outcome.output;
    const Study study = read_study(out());
    EXPECT_TRUE(study.complete);
    EXPECT_EQ(study.options.seed, 7U);
    EXPECT_EQ(study.configurations.size(), 5U);
    ASSERT_EQ(study.samples.size(), 10U);
    EXPECT_EQ(study.fixed.at(0), "--grain");
    ASSERT_EQ(study.traces.size(), 2U) << "of each series the run with the most workers";
    EXPECT_EQ(study.traces[1].chunks.size(), *study.samples[0].chunks);
    EXPECT_FALSE(text("study/" + study.traces[1].file).empty());
    for (const Sample& sample : study.samples) {
        EXPECT_EQ(sample.value, "12272577818052");
        EXPECT_TRUE(sample.pool_seconds);
        EXPECT_TRUE(sample.rss_bytes);
        ASSERT_TRUE(sample.job_seconds);
        EXPECT_LT(*sample.job_seconds, sample.command_seconds);
        EXPECT_FALSE(sample.workers.empty());
    }
    EXPECT_TRUE(text("study/samples.csv").starts_with("role,series,"));
    EXPECT_EQ(ParsedJson::parse(text("study/google_benchmark.json"))["benchmarks"].size(), 10U);
    EXPECT_TRUE(ParsedJson::parse(text("study/study.json")).contains("analysis"));
    EXPECT_NE(text("study/index.html").find("</html>"), std::string::npos);
}

TEST_F(ScaleCommand, FixesTheMethodThatTheCommandChooses) {
    const Outcome outcome = run({}, {"prime-sum", "1e15", "+3e6"});
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Study study = read_study(out());
    EXPECT_EQ(study.fixed.at(0), "--method");
    EXPECT_EQ(study.fixed.at(2), "--grain");
    for (const Configuration& configuration : study.configurations) {
        const Words& command = configuration.command;
        EXPECT_NE(
            std::search(command.begin(), command.end(), study.fixed.begin(), study.fixed.end()),
            command.end());
    }
}

TEST_F(ScaleCommand, RefusesAMethodThatWouldDifferBetweenTheRuns) {
    // A narrow range and a wide one.
    const Outcome outcome =
        run({"--workers", "1,2", "--weak", "n=1000*{workers}^15", "--shortest-run", "1us"},
            {"prime-count", "1e15", "+{n}"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.error.find("it is hybrid for n = 1000 and sieve for n = 32768000"),
              std::string::npos)
        << outcome.error;
}

TEST_F(ScaleCommand, GrowsTheWorkWithTheWorkers) {
    const Outcome outcome = run({"--workers", "1,2", "--weak", "n=1e8*{workers}"},
                                {"prime-sum", "0", "{n}", "--method", "sieve"});
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Study study = read_study(out());
    EXPECT_EQ(study.configurations.back().n, "200000000");
    EXPECT_EQ(study.configurations.back().work, 2);
}

TEST_F(ScaleCommand, RefusesRunsThatAreTooShort) {
    const Outcome outcome = run({"--shortest-run", "100ms"}, {"prime-sum", "0", "1e8"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.error.find("below the 0.1 s of --shortest-run"), std::string::npos)
        << outcome.error;
    EXPECT_NE(outcome.error.find("by the method"), std::string::npos);
}

TEST_F(ScaleCommand, RefusesBadInputBeforeTheFirstRun) {
    const auto refused = [&](const Words& options, const Words& command) {
        const Outcome outcome = run(options, command);
        EXPECT_EQ(outcome.status, 2) << outcome.error;
        EXPECT_FALSE(std::filesystem::exists(path("runs")));
        return outcome.error;
    };
    EXPECT_NE(refused({}, {"no-such-program"}).find("'no-such-program' is neither a command"),
              std::string::npos);
    EXPECT_NE(refused({}, {"topo"}).find("nothing to scale"), std::string::npos);
    EXPECT_NE(refused({}, {"scale", "--out", "x"}).find("nothing to scale"), std::string::npos);
    EXPECT_NE(refused({"--crews", "fast"}, program("")).find("fast"), std::string::npos);
    EXPECT_NE(refused({"--pins", "tight"}, program("")).find("tight"), std::string::npos);
    EXPECT_NE(refused({"--workers", "1025"}, program("")).find("limit of 1024"), std::string::npos);
    EXPECT_NE(refused({}, {"prime-sum", "0", "1e8", "--crew", "serial"}).find("'--crew' of the"),
              std::string::npos);
    EXPECT_NE(refused({"--out", "/proc/study"}, program("")).find("cannot be made"),
              std::string::npos);
    EXPECT_NE(refused({"--again", out()}, {}).find("takes the study as it is described"),
              std::string::npos);
    // What only the command itself can tell is told by its first run, which does no work.
    EXPECT_NE(refused({}, {"prime-sum", "0", "many"}).find("END 'many' is not a number"),
              std::string::npos);
}

TEST_F(ScaleCommand, StudiesAnyProgramAndAPeerBesideIt) {
    const Outcome outcome =
        run({"--workers", "1,2", "--n", "1e3", "--peer",
             "sleep .01; echo '{n} of {workers}' | cut -c-4", "--base", "sleep .02"},
            program("sleep .01; echo $PINFOLD_CREW > /dev/null; echo 5"));
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Study study = read_study(out());
    EXPECT_EQ(study.configurations.size(), 6U);
    EXPECT_EQ(study.samples.size(), 12U);
    EXPECT_FALSE(study.samples.front().job_seconds);
    EXPECT_NE(outcome.output.find("peer: sleep .01"), std::string::npos) << outcome.output;
}

TEST_F(ScaleCommand, TakesTheReportOfAnyProgram) {
    const std::string report =
        R"({"chunks":4,"attempts":4,"deaths":0,"seconds":0.5,"pool_seconds":0.25,"workers":[]})";
    const Outcome outcome = run({}, program("sleep .01; echo 5; echo '" + report + "'"));
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    for (const Sample& sample : read_study(out()).samples) {
        EXPECT_EQ(sample.job_seconds, 0.5);
        EXPECT_EQ(sample.pool_seconds, 0.25);
        EXPECT_EQ(sample.value, "5");
    }
}

TEST_F(ScaleCommand, EndsEarlyWhenAllIntervalsAreNarrow) {
    // Its report tells the same time each time.
    const Outcome outcome =
        run({"--repeat", "20", "--narrow", "1%"},
            program(R"(sleep .01; echo '{"chunks":4,"attempts":4,"deaths":0,"seconds":0.5}')"));
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(read_study(out()).samples.size(), 12U);
    EXPECT_NE(outcome.output.find("The study ended after 6 of 20 repetitions"), std::string::npos)
        << outcome.output;
}

TEST_F(ScaleCommand, StopsAtAnotherValueAndNamesBothRuns) {
    const Outcome outcome =
        run({"--repeat", "4"}, program("sleep .01; test $run -lt 5 && echo 5 || echo 6"));
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.error.find("runs found different values: '5' in the warm-up"),
              std::string::npos)
        << outcome.error;
    EXPECT_NE(outcome.error.find("but '6' in run 4"), std::string::npos) << outcome.error;
    EXPECT_EQ(read_study(out()).samples.size(), 3U);
}

TEST_F(ScaleCommand, SaysHowARunFailedAndKeepsTheSamplesBeforeIt) {
    const auto error_of = [&](const std::string& script, const Words& options = {}) {
        std::filesystem::remove_all(out());
        std::filesystem::remove(path("runs"));
        const Outcome outcome = run(options, program("sleep .01; test $run -lt 4 || " + script));
        EXPECT_EQ(outcome.status, 1);
        EXPECT_FALSE(outcome.processes_left);
        EXPECT_EQ(read_study(out()).samples.size(), 2U);
        EXPECT_NE(outcome.error.find("2 samples are kept in"), std::string::npos);
        return outcome.error;
    };
    EXPECT_NE(error_of("{ echo the reason >&2; exit 3; }").find("exit status 3: the reason"),
              std::string::npos);
    EXPECT_NE(error_of("kill -SEGV $$").find("was killed by signal 11 (Segmentation fault)"),
              std::string::npos);
    EXPECT_NE(error_of("sleep 1000", {"--run-deadline", "200ms"})
                  .find("did not end within --run-deadline"),
              std::string::npos);
}

TEST_F(ScaleCommand, ReplacesAStudyThatHasNoSample) {
    // The second run is the first that would be a sample.
    const Outcome outcome = run({}, program("sleep .01; test $run -ne 2"));
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.error.find("(no sample was taken)"), std::string::npos) << outcome.error;
    const Outcome other = run({}, {"sleep", ".01"});
    EXPECT_EQ(other.status, 0) << other.error;
    EXPECT_EQ(read_study(out()).options.command, (Words{"sleep", ".01"}));
}

TEST_F(ScaleCommand, GoesOnAfterAKill) {
    // The fourth run is the third sample; it kills the study as a user would, and stays.
    const Words all =
        words({"--repeat", "3", "--seed", "5"},
              program("sleep .01; test $run -ne 4 || { kill -9 $PPID; exec sleep 1000; }; echo 5"));
    Outcome outcome = run_command(all);
    EXPECT_EQ(outcome.status, -1);
    EXPECT_FALSE(outcome.processes_left) << "the run dies with the study";
    const Study before = read_study(out());
    EXPECT_FALSE(before.complete);
    ASSERT_EQ(before.samples.size(), 2U);
    outcome = run_command(all);
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Study after = read_study(out());
    EXPECT_TRUE(after.complete);
    ASSERT_EQ(after.samples.size(), 6U);
    EXPECT_EQ(after.samples[0], before.samples[0]);
    EXPECT_EQ(after.samples[1], before.samples[1]);
    EXPECT_EQ(after.started, before.started);
    const int all_runs = runs();
    outcome = run_command(all);  // it is complete: nothing is run, all is drawn again
    EXPECT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_EQ(runs(), all_runs);
    EXPECT_EQ(read_study(out()), after);
}

TEST_F(ScaleCommand, EndsAtCtrlCAndGoesOn) {
    const Words all = words({"--repeat", "3"}, program("test $run -ne 4 || sleep 1000; sleep .01"));
    Command command(all);
    while (runs() < 4) {
        std::this_thread::sleep_for(2ms);
    }
    command.signal_group(SIGINT);
    const Outcome outcome = command.finish();
    EXPECT_EQ(outcome.status, 130);
    EXPECT_FALSE(outcome.processes_left);
    EXPECT_NE(outcome.error.find("2 samples are kept"), std::string::npos) << outcome.error;
    EXPECT_EQ(read_study(out()).samples.size(), 2U);
    EXPECT_EQ(run_command(all).status, 0);
    EXPECT_EQ(read_study(out()).samples.size(), 6U);
}

TEST_F(ScaleCommand, LosesNoSampleToAFullDisk) {
    // From the fourth run on no file may grow, as on a full disk.
    const Words all =
        words({"--repeat", "3"},
              program("sleep .01; test $run -ne 4 || prlimit --pid $PPID --fsize=" +
                      std::string("$(stat -c %s ") + path("study/samples.jsonl") + ")"));
    const Outcome outcome = run_command(all);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.error.find("samples.jsonl': File too large (2 samples are kept"),
              std::string::npos)
        << outcome.error;
    EXPECT_EQ(read_study(out()).samples.size(), 2U);
    EXPECT_EQ(run_command(all).status, 0);
    EXPECT_EQ(read_study(out()).samples.size(), 6U);
}

TEST_F(ScaleCommand, KeepsACompleteStudyWhoseTableNobodyCanRead) {
    const Words all = words({}, program("sleep .01"));
    const Outcome outcome = run_command(all, Stdout::full_disk);
    EXPECT_EQ(outcome.status, 1);
    EXPECT_NE(outcome.error.find("all samples are kept in"), std::string::npos) << outcome.error;
    EXPECT_TRUE(read_study(out()).complete);
    EXPECT_NE(run_command(all).output.find("base: serial"), std::string::npos);
}

TEST_F(ScaleCommand, RefusesAnotherStudyInTheDirectoryAndSaysHowToGoOn) {
    ASSERT_EQ(run({}, program("sleep .01")).status, 0);
    const int before = runs();
    const Outcome outcome = run({"--repeat", "3"}, program("sleep .01"));
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(
        outcome.error.find("repetitions is 2 there and 3 here. The very same command goes on"),
        std::string::npos)
        << outcome.error;
    EXPECT_EQ(runs(), before);
}

TEST_F(ScaleCommand, RefusesFilesThatItDidNotWrite) {
    std::filesystem::create_directory(out());
    std::ofstream(path("study/study.json")) << "{\"benchmarks\":[]}";
    const Outcome outcome = run({}, program("sleep .01"));
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.error.find("is no study"), std::string::npos) << outcome.error;
    EXPECT_EQ(text("study/study.json"), "{\"benchmarks\":[]}");
}

TEST_F(ScaleCommand, TakesAStudyAgainFromItsFileAlone) {
    ASSERT_EQ(run({"--seed", "9", "--workers", "1,2"}, short_sum).status, 0);
    const Outcome outcome = run_command(
        {"scale", "--out", path("again"), "--again", path("study/study.json"), "--no-machine"});
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Study first = read_study(out());
    const Study second = read_study(path("again"));
    EXPECT_EQ(second.configurations, first.configurations);
    EXPECT_EQ(second.options.seed, 9U);
    ASSERT_EQ(second.samples.size(), first.samples.size());
    for (std::size_t i = 0; i < first.samples.size(); ++i) {
        EXPECT_EQ(second.samples[i].configuration, first.samples[i].configuration);
    }
}

TEST_F(ScaleCommand, EndsWhatARunLeavesBehindAndSaysSo) {
    const Outcome outcome = run({}, program("sleep .01; setsid sleep 1000 & echo 5; sleep .05"));
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    EXPECT_FALSE(outcome.processes_left);
    EXPECT_NE(outcome.output.find("left running were ended: 1."), std::string::npos)
        << outcome.output;
}

TEST_F(ScaleCommand, ShowsHowFarItIsWhereItIsAskedTo) {
    const Outcome outcome = run({"--progress"}, program("sleep .01"));
    EXPECT_EQ(outcome.status, 0);
    EXPECT_NE(outcome.error.find("run 1 of 4: "), std::string::npos) << outcome.error;
}

TEST_F(ScaleCommand, StudiesTheReadmesProgramBesideOneOfOpenMp) {
    const Outcome outcome = run({"--workers", "1,2", "--repeat", "1", "--peer",
                                 std::string("OMP_NUM_THREADS={workers} ") + OPENMP_PROGRAM},
                                {README_PROGRAM});
    ASSERT_EQ(outcome.status, 0) << outcome.error;
    const Study study = read_study(out());
    ASSERT_EQ(study.samples.size(), 5U);
    for (const Sample& sample : study.samples) {
        EXPECT_EQ(sample.value, "pi is about 3.14159");
    }
}

}  // namespace
}  // namespace pinfold::apps

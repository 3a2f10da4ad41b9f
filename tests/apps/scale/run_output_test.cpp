#include "scale/run_output.hpp"

#include <gtest/gtest.h>

#include <pinfold/engine/report_json.hpp>
#include <string>

namespace pinfold::apps {
namespace {

JobReport small_report() {
    JobReport report;
    report.chunks = 7;
    report.attempts = 8;
    report.seconds = 0.5;
    report.pool_seconds = 0.25;
    report.workers = {{.worker = 1, .pid = 42, .cpu = 3, .chunks = 7, .busy_seconds = 0.125}};
    return report;
}

TEST(RunOutput, TakesALineOfToJson) {
    const RunOutput output =
        read_output("hello\n" + to_json(small_report()) + "\nthe sum is 5\n\n", false);
    EXPECT_TRUE(output.has_report);
    EXPECT_EQ(output.job_seconds, 0.5);
    EXPECT_EQ(output.pool_seconds, 0.25);
    EXPECT_EQ(output.chunks, 7U);
    EXPECT_EQ(output.attempts, 8U);
    EXPECT_EQ(output.deaths, 0U);
    EXPECT_EQ(output.workers, (std::vector<WorkerTime>{{1, 3, 7, 0.125}}));
    EXPECT_EQ(output.value, "hello\n\nthe sum is 5");
    EXPECT_FALSE(output.tells_value);
}

TEST(RunOutput, TakesTheJsonOfOurOwnCommands) {
    const RunOutput output =
        read_output(R"({"command":"prime-sum","method":"sieve","value":"17","report":{"crew":"a",)"
                    R"("grain":100,"chunks":1,"attempts":1,"deaths":0,"seconds":0.5}})",
                    false);
    EXPECT_EQ(output.method, "sieve");
    EXPECT_EQ(output.grain, 100U);
    EXPECT_EQ(output.value, "17");
    EXPECT_TRUE(output.tells_value);
    EXPECT_FALSE(output.pool_seconds);
}

TEST(RunOutput, TakesAValueInJsonWithoutAReport) {
    RunOutput output = read_output("a log\n{\"value\":\"17\"}\ntook 0.2 s\n", false);
    EXPECT_EQ(output.value, "17");
    EXPECT_TRUE(output.tells_value);
    EXPECT_FALSE(output.has_report);
    output = read_output("{\"value\":3}\n{\"value\":4}\n", false);
    EXPECT_EQ(output.value, "4") << "the last one";
    output = read_output("{\"value\":3}\n" + to_json(small_report()) + "\n", false);
    EXPECT_EQ(output.value, "3") << "on a line of its own beside a report";
    EXPECT_TRUE(output.tells_value);
    EXPECT_EQ(output.chunks, 7U);
}

TEST(RunOutput, TakesWhateverElseIsPrintedForItsValue) {
    EXPECT_EQ(read_output("", false).value, "");
    EXPECT_EQ(read_output("pi is about 3.14159\n", false).value, "pi is about 3.14159");
    EXPECT_EQ(read_output(R"({"seconds":1})", false).value, R"({"seconds":1})");
    EXPECT_EQ(read_output(R"({"chunks":"many","attempts":1,"seconds":1})", false).has_report,
              false);
    EXPECT_EQ(read_output(std::string(1 << 20, 'x'), false).value.substr(0, 7), "sha256:");
    EXPECT_EQ(read_output("the end of a long text", true).value, "");
}

RunOutput found(const std::string& value, bool told) {
    RunOutput output;
    output.value = value;
    output.tells_value = told;
    return output;
}

const Configuration ours{.series = "threads, cores", .command = {"./mine"}};
const Configuration omp{.role = Role::peer, .series = "./omp", .command = {"/bin/sh"}};

TEST(ValueCheck, ComparesToldValuesOfAllPrograms) {
    ValueCheck check;
    EXPECT_EQ(check.take(ours, found("5", true), "run 1"), "");
    EXPECT_EQ(check.take(omp, found("5", true), "run 2"), "");
    EXPECT_EQ(check.take(omp, found("6", true), "run 3"),
              "runs found different values: '5' in run 1, but '6' in run 3. "
              "Mend the program that is wrong, and take the study in another directory");
}

TEST(ValueCheck, ComparesOutputWithinOneProgramAlone) {
    ValueCheck check;
    EXPECT_EQ(check.take(ours, found("3.14", false), "run 1"), "");
    EXPECT_EQ(check.take(omp, found("3.1416", false), "run 2"), "");
    EXPECT_EQ(check.take(ours, found("3.14", false), "run 3"), "");
    const std::string wrong = check.take(ours, found("3.15", false), "run 4");
    EXPECT_NE(wrong.find("'3.14' in run 1, but '3.15' in run 4"), std::string::npos) << wrong;
    EXPECT_NE(wrong.find("let it print no time"), std::string::npos) << wrong;
}

TEST(ValueCheck, GivesUpOnAProgramThatPrintsATime) {
    ValueCheck check;
    EXPECT_EQ(check.take(omp, found("took 1 s", false), "run 1"), "");
    EXPECT_EQ(check.take(omp, found("took 2 s", false), "run 2"), "");
    EXPECT_EQ(check.take(omp, found("took 3 s", false), "run 3"), "");
    ASSERT_EQ(check.notes().size(), 1U);
    EXPECT_EQ(check.notes()[0],
              "The output of './omp' differs from run to run, so its runs could not be compared.");
}

TEST(ValueCheck, SaysOfAProgramThatItIsComparedWithItselfAlone) {
    ValueCheck check;
    EXPECT_EQ(check.take(ours, found("5", true), "run 1"), "");
    EXPECT_EQ(check.notes().size(), 0U);
    EXPECT_EQ(check.take(omp, found("5", false), "run 2"), "");
    EXPECT_EQ(check.take(omp, found("5", false), "run 3"), "");
    ASSERT_EQ(check.notes().size(), 1U);
    EXPECT_EQ(check.notes()[0],
              "The output of './omp' tells no value in JSON, so it was compared with that of its "
              "own runs alone.");
}

TEST(ValueCheck, ExpectsOtherValuesForOtherWork) {
    ValueCheck check;
    Configuration larger = ours;
    larger.n = "2000";
    EXPECT_EQ(check.take(ours, found("5", true), "run 1"), "");
    EXPECT_EQ(check.take(larger, found("6", true), "run 2"), "");
    EXPECT_NE(check.take(larger, found("5", true), "run 3"), "");
}

}  // namespace
}  // namespace pinfold::apps

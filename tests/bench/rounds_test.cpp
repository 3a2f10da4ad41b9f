#include "harness/rounds.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "harness/rounds_reporter.hpp"

namespace bench {
namespace {

using Run = benchmark::BenchmarkReporter::Run;

/// A case of which the library timed five iterations, a second each, and knows one counter.
Run one_row() {
    Run run;
    run.run_name.function_name = "contest/case";
    run.iterations = 5;
    run.real_accumulated_time = 5;
    run.cpu_accumulated_time = 1;
    run.time_unit = benchmark::kMillisecond;
    run.counters["share"] = 0.5;
    return run;
}

/// What the file has of the case: its entries.
nlohmann::json written(const std::vector<Run>& runs) {
    std::ostringstream file;
    RoundsReporter reporter;
    reporter.SetOutputStream(&file);
    reporter.ReportRuns(runs);
    return nlohmann::json::parse("[" + file.str() + "]");
}

TEST(Rounds, AreWrittenAsRepetitions) {
    keep_rounds({{.seconds = 0.004, .ratio = 2}, {.seconds = 0.001}, {.seconds = 0.003}});
    const auto entries = written({one_row()});
    ASSERT_EQ(entries.size(), 4U);
    for (std::size_t i = 0; i < 3; ++i) {
        EXPECT_EQ(entries[i]["name"], "contest/case");
        EXPECT_EQ(entries[i]["run_type"], "iteration");
        EXPECT_EQ(entries[i]["repetitions"], 3);
        EXPECT_EQ(entries[i]["repetition_index"], i);
        EXPECT_FALSE(entries[i].contains("share")) << "it belongs to no round";
    }
    EXPECT_EQ(entries[0]["real_time"], 4);
    EXPECT_EQ(entries[0]["ratio"], 2);
    EXPECT_EQ(entries[1]["real_time"], 1);
    EXPECT_FALSE(entries[1].contains("ratio"));
}

TEST(Rounds, ComeToTheirMedian) {
    keep_rounds(std::vector<double>{0.004, 0.001, 0.003});
    const auto median = written({one_row()}).back();
    EXPECT_EQ(median["name"], "contest/case_median");
    EXPECT_EQ(median["run_name"], "contest/case");
    EXPECT_EQ(median["run_type"], "aggregate");
    EXPECT_EQ(median["aggregate_name"], "median");
    EXPECT_EQ(median["real_time"], 3);
    EXPECT_EQ(median["share"], 0.5);
}

TEST(Rounds, AreOfOneCaseAlone) {
    keep_rounds(std::vector<double>{0.004, 0.001, 0.003});
    EXPECT_EQ(written({one_row()}).size(), 4U);
    const auto next = written({one_row()});
    ASSERT_EQ(next.size(), 1U) << "the next case has kept none";
    EXPECT_EQ(next.front()["real_time"], 1000);
}

TEST(Rounds, LeaveRepetitionsOfTheLibraryAsTheyAre) {
    keep_rounds(std::vector<double>{0.004, 0.001, 0.003});
    EXPECT_EQ(written({one_row(), one_row()}).size(), 2U);
}

}  // namespace
}  // namespace bench

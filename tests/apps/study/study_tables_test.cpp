#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "parsed_json.hpp"
#include "study/google_benchmark.hpp"
#include "study/study_csv.hpp"

namespace pinfold::apps {
namespace {

Study small_study() {
    Study study;
    study.started = "2026-11-29T07:00:00+00:00";
    study.version = "1.2";
    study.options.command = {"prime-sum", "0", "1e11"};
    study.environment.usable_cpus = 2;
    study.environment.facts = {{.group = "CPU", .name = "governor", .text = "unknown"}};
    study.configurations = {
        {.role = Role::base, .series = "./best_serial", .command = {"a"}},
        {.series = "processes, cores", .workers = 1, .command = {"b"}},
        {.series = "processes, cores", .workers = 2, .smt = true, .command = {"c"}}};
    study.samples = {
        {.configuration = 2, .command_seconds = 0.5, .job_seconds = 0.25, .cpu_seconds = 1},
        {.configuration = 0, .order = 1, .command_seconds = 1.5, .value = "a \"b\",\nc"},
        {.configuration = 2, .repetition = 1, .order = 2, .command_seconds = 0.75}};
    return study;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines(1);
    for (const char c : text) {
        if (c == '\n') {
            lines.emplace_back();
        } else {
            lines.back() += c;
        }
    }
    return lines;
}

TEST(StudyCsv, HasALineForEachSampleAndEmptyCellsForWhatIsAbsent) {
    const auto lines = lines_of(to_csv(small_study()));
    EXPECT_TRUE(
        lines[0].starts_with("role,series,workers,n,work,smt,beyond,repetition,order,"
                             "command_seconds,pool_seconds,job_seconds,cpu_seconds,value,"
                             "value_is_told,chunks,"))
        << lines[0];
    EXPECT_TRUE(lines[1].starts_with(
        R"(crew,"processes, cores",2,,1.0,true,false,0,0,0.5,,0.25,1.0,,false,,)"))
        << lines[1];
    EXPECT_EQ(std::count(lines[1].begin(), lines[1].end(), ','),
              std::count(lines[0].begin(), lines[0].end(), ',') + 1);
}

TEST(StudyCsv, QuotesWhatWouldBeAnotherCellOrLine) {
    EXPECT_NE(to_csv(small_study()).find("0.0,\"a \"\"b\"\",\nc\",false,,"), std::string::npos);
}

TEST(GoogleBenchmark, HasWhatItsCompareScriptLooksAt) {
    const ParsedJson json = ParsedJson::parse(to_google_benchmark(small_study()));
    EXPECT_EQ(json["context"]["date"], "2026-11-29T07:00:00+00:00");
    EXPECT_EQ(json["context"]["num_cpus"], 2);
    EXPECT_EQ(json["context"]["CPU: governor"], "unknown");
    ASSERT_EQ(json["benchmarks"].size(), 3U);
    const ParsedJson base = json["benchmarks"][std::size_t{0}];
    EXPECT_EQ(base["name"], "./best_serial/workers:1");
    EXPECT_EQ(base["family_index"], 0);
    const ParsedJson last = json["benchmarks"].back();
    EXPECT_EQ(last["name"], "prime-sum 0 1e11/processes, cores/workers:2");
    EXPECT_EQ(last["run_name"], last["name"]);
    EXPECT_EQ(last["run_type"], "iteration");
    EXPECT_EQ(last["repetitions"], 2);
    EXPECT_EQ(last["repetition_index"], 1);
    EXPECT_EQ(last["threads"], 2);
    EXPECT_EQ(last["time_unit"], "ms");
    EXPECT_EQ(last["real_time"], 750) << "not all samples tell the job's time";
    EXPECT_EQ(last["family_index"], 1);
    EXPECT_EQ(last["per_family_instance_index"], 1);
}

TEST(GoogleBenchmark, HasTheJobsTimeWhereAllSamplesTellIt) {
    Study study = small_study();
    study.samples.resize(1);
    const ParsedJson json = ParsedJson::parse(to_google_benchmark(study));
    EXPECT_EQ(json["benchmarks"].back()["real_time"], 250);
    EXPECT_EQ(json["benchmarks"].back()["cpu_time"], 1000);
}

TEST(GoogleBenchmark, IsThereForAStudyWithoutSamples) {
    Study study = small_study();
    study.samples.clear();
    EXPECT_TRUE(ParsedJson::parse(to_google_benchmark(study))["benchmarks"].empty());
}

}  // namespace
}  // namespace pinfold::apps

#include "compare/comparison.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <stdexcept>
#include <string>

#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

/// Ten times with this median, 2 % around it.
std::vector<double> about(double median) {
    std::vector<double> times;
    for (const double factor : {0.97, 0.98, 0.985, 0.99, 0.999, 1.001, 1.01, 1.015, 1.02, 1.03}) {
        times.push_back(median * factor);
    }
    return times;
}

struct Made : Study {
    Made() {
        options.command = {"/one/folder/program", "0", "1e9"};
        complete = true;
        environment.facts = {{.group = "CPU", .name = "model", .text = "Xeon"},
                             {.group = "system", .name = "load average of a minute", .text = "1"},
                             {.group = "build", .name = "commit", .text = "abc"}};
    }

    Configuration& add(const std::string& series, int workers, const std::vector<double>& seconds,
                       Role role = Role::crew) {
        configurations.push_back({.role = role,
                                  .series = series,
                                  .workers = workers,
                                  .command = {"/one/folder/program", "0", "1e9", "--grain", "10"}});
        for (const double time : seconds) {
            samples.push_back({.configuration = configurations.size() - 1,
                               .command_seconds = time + 1,
                               .job_seconds = time,
                               .value = "42",
                               .value_is_told = true});
        }
        return configurations.back();
    }
};

Comparison compared(const Study& before, const Study& after, double threshold = 0.03) {
    return compare(measurements_of(before, "A"), measurements_of(after, "B"), threshold);
}

std::string refusal(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing was refused";
}

std::string refusal(const Study& before, const Study& after) {
    return refusal([&] { (void)compared(before, after); });
}

bool has(const std::vector<std::string>& texts, const std::string& part) {
    return std::ranges::any_of(
        texts, [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

TEST(Comparison, FindsWhatBecameSlower) {
    Made before;
    before.add("processes", 1, about(10));
    before.add("processes", 2, about(5));
    Made after;
    after.add("processes", 1, about(10));
    after.add("processes", 2, about(5.5));
    const Comparison comparison = compared(before, after);
    EXPECT_EQ(comparison.measure, "job");
    ASSERT_EQ(comparison.changes.size(), 2U);
    const Change& same = comparison.changes[0];
    EXPECT_EQ(same.name, "processes, 1 worker");
    EXPECT_EQ(same.verdict, Verdict::no_change);
    EXPECT_NEAR(same.ratio.value, 1, 1e-12);
    const Change& slower = comparison.changes[1];
    EXPECT_EQ(slower.verdict, Verdict::worse);
    EXPECT_NEAR(slower.ratio.value, 1.1, 1e-12);
    EXPECT_NEAR(slower.ratio.level, 0.957, 0.001) << "24 of 100 quotients are below the interval";
    EXPECT_NEAR(slower.before.value, 5, 1e-12);
    EXPECT_NEAR(slower.after.value, 5.5, 1e-12);
    // All of the one are below all of the other: 2 of the 184,756 ways to choose 10 of 20.
    EXPECT_NEAR(slower.probability, 2.0 / 184756, 1e-12);
    EXPECT_NEAR(slower.of_all, 4.0 / 184756, 1e-12);
    EXPECT_EQ(comparison.count(Verdict::worse), 1U);
}

TEST(Comparison, TellsFasterFromSlower) {
    Made before;
    before.add("processes", 2, about(5));
    Made after;
    after.add("processes", 2, about(4));
    EXPECT_EQ(compared(before, after).changes[0].verdict, Verdict::faster);
    EXPECT_EQ(compared(after, before).changes[0].verdict, Verdict::worse);
}

TEST(Comparison, FailsOnlyForWhatMayReachTheThreshold) {
    Made before;
    before.add("processes", 2, about(5));
    Made after;
    after.add("processes", 2, about(5.25));
    EXPECT_EQ(compared(before, after, 0.03).changes[0].verdict, Verdict::worse);
    EXPECT_EQ(compared(before, after, 0.10).changes[0].verdict, Verdict::slower);
}

TEST(Comparison, SaysThatThreeSamplesAreTooFew) {
    Made before;
    before.add("processes", 2, {1, 1.01, 1.02});
    Made after;
    after.add("processes", 2, {2, 2.01, 2.02});
    const Change change = compared(before, after).changes[0];
    EXPECT_EQ(change.verdict, Verdict::too_few);
    EXPECT_NEAR(change.ratio.value, 2, 0.01);
}

TEST(Comparison, CorrectsForTheNumberOfConfigurations) {
    // 5 against 5, fully apart: 2 of 252 ways, which is below 5 % once but not seven times.
    Made before;
    Made after;
    for (int workers = 1; workers <= 7; ++workers) {
        before.add("processes", workers, {1.01, 1.02, 1.03, 1.04, 1.05});
        after.add("processes", workers,
                  workers == 1 ? std::vector{1.11, 1.12, 1.13, 1.14, 1.15}
                               : std::vector{1.015, 1.025, 1.005, 1.045, 1.041});
    }
    const Change change = compared(before, after).changes[0];
    EXPECT_NEAR(change.probability, 2.0 / 252, 1e-12);
    EXPECT_NEAR(change.of_all, 7 * 2.0 / 252, 1e-12);
    EXPECT_EQ(change.verdict, Verdict::no_change);
}

TEST(Comparison, RefusesOtherWork) {
    Made before;
    before.add("processes", 2, about(5));
    Made after = before;
    after.options.command[2] = "1e10";
    EXPECT_EQ(refusal(before, after),
              "cannot compare studies of other work: A is of 'program 0 1e9', and B of 'program 0 "
              "1e10'");
    after = before;
    after.options.scaling = Scaling::weak;
    after.options.weak_rule = "n=1e8*{workers}";
    EXPECT_NE(refusal(before, after).find("other work"), std::string::npos);
    after = before;
    after.configurations[0].command[4] = "20";
    EXPECT_EQ(
        refusal(before, after),
        "cannot compare other work: 'processes, 2 workers' was 'program 0 1e9 --grain 10', and "
        "is now 'program 0 1e9 --grain 20'");
    after = before;
    after.configurations[0].n = "100";
    EXPECT_NE(refusal(before, after).find("other work"), std::string::npos);
    after = before;
    after.samples[3].value = "43";
    EXPECT_EQ(refusal(before, after),
              "cannot compare runs that found other values: 'processes, 2 workers' found 42, and "
              "now 42, 43");
    after = before;
    after.configurations[0].series = "threads";
    EXPECT_EQ(refusal(before, after), "A and B have no configuration in common");
}

TEST(Comparison, WarnsWhereOnlyWhatWasPrintedDiffers) {
    Made before;
    before.add("processes", 2, about(5));
    for (Sample& sample : before.samples) {
        sample.value_is_told = false;
    }
    Made after = before;
    EXPECT_TRUE(compared(before, after).warnings.empty());
    after.samples[3].value = "took 43 s";
    EXPECT_TRUE(has(compared(before, after).warnings, "do not print the same as before"));
}

TEST(Comparison, TakesTheSameProgramFromAnotherFolder) {
    Made before;
    before.add("processes", 2, about(5));
    Made after = before;
    after.options.command[0] = "/other/folder/program";
    after.configurations[0].command[0] = "/other/folder/program";
    EXPECT_EQ(compared(before, after).changes.size(), 1U);
}

TEST(Comparison, PassesOverAnotherBaseAndWhatIsNotInBoth) {
    Made before;
    before.add("serial", 1, about(10), Role::base);
    before.add("processes", 2, about(5));
    before.add("processes", 4, about(5));
    Made after;
    after.add("serial", 1, about(10), Role::base).command = {"other_serial"};
    after.add("processes", 2, about(5));
    after.add("processes", 8, about(5));
    const Comparison comparison = compared(before, after);
    ASSERT_EQ(comparison.changes.size(), 1U);
    EXPECT_EQ(comparison.only_before, std::vector<std::string>{"processes, 4 workers"});
    EXPECT_EQ(comparison.only_after, std::vector<std::string>{"processes, 8 workers"});
    EXPECT_TRUE(has(comparison.warnings, "'serial, 1 worker' runs another program now"));
}

TEST(Comparison, ComparesCommandsWhereAJobsTimeIsMissing) {
    Made before;
    before.add("processes", 2, about(5));
    Made after = before;
    after.samples[0].job_seconds.reset();
    const Comparison comparison = compared(before, after);
    EXPECT_EQ(comparison.measure, "command");
    EXPECT_NEAR(comparison.changes[0].before.value, 6, 1e-12);
    EXPECT_TRUE(has(comparison.warnings, "only one of both tells how long jobs took"));
}

TEST(Comparison, TellsWhatElseIsDifferent) {
    Made before;
    before.add("processes", 2, about(5));
    Made after = before;
    after.environment.facts[0].text = "EPYC";
    after.environment.facts[1].text = "2";
    after.environment.facts[2].text = "def";
    after.complete = false;
    const Comparison comparison = compared(before, after);
    EXPECT_TRUE(
        has(comparison.warnings, "another machine, or another state of it: model: Xeon -> EPYC"));
    EXPECT_TRUE(has(comparison.warnings, "B is not complete"));
    EXPECT_FALSE(has(comparison.warnings, "load"));
    EXPECT_EQ(comparison.program, std::vector<std::string>{"commit: abc -> def"});
    EXPECT_TRUE(compared(before, before).warnings.empty());
}

TEST(Comparison, IsWrittenForPeopleAndPrograms) {
    Made before;
    before.add("processes", 2, about(5));
    Made after;
    after.add("processes", 2, about(5.5));
    const Comparison comparison = compared(before, after);
    EXPECT_EQ(
        as_text(comparison),
        "configuration         before  after    change             interval        p  verdict\n"
        "processes, 2 workers     5 s  5.5 s  +10.00 %  +7.86 % to +12.18 %  1.1e-05  slower\n"
        "Times are medians of the job's time. change: the median of all quotients, with an "
        "interval of at least 95 %.\n"
        "p: Mann and Whitney's test, corrected for 1 test by Holm; at most 0.05 counts as "
        "found.\n");
    const ParsedJson json = ParsedJson::parse(as_json(comparison));
    EXPECT_EQ(json["command"], "compare");
    EXPECT_EQ(json["measure"], "job");
    EXPECT_EQ(json["worse"], 1);
    EXPECT_EQ(json["configurations"][0]["name"], "processes, 2 workers");
    EXPECT_EQ(json["configurations"][0]["verdict"], "slower");
    EXPECT_TRUE(json["configurations"][0]["ratio"].contains("low"));
}

constexpr const char* benchmarks = R"({
  "context": {"host_name": "vm", "num_cpus": 2, "library_build_type": "release"},
  "benchmarks": [
    {"name": "sum/2", "run_name": "sum/2", "run_type": "iteration", "real_time": 4.0,
     "time_unit": "ms"},
    {"name": "sum/2", "run_name": "sum/2", "run_type": "iteration", "real_time": 5.0,
     "time_unit": "ms"},
    {"name": "sum/2_mean", "run_name": "sum/2", "run_type": "aggregate", "real_time": 4.5,
     "time_unit": "ms"},
    {"name": "old", "real_time": 7}
  ]})";

Measurements parsed(std::string text, const std::string& from = "", const std::string& to = "") {
    if (!from.empty()) {
        text.replace(text.find(from), from.size(), to);
    }
    return parse_google_benchmark(text, "a.json");
}

TEST(GoogleBenchmark, GivesItsRepetitions) {
    const Measurements measurements = parsed(benchmarks);
    ASSERT_EQ(measurements.all.size(), 2U);
    EXPECT_EQ(measurements.all[0].name, "sum/2");
    EXPECT_EQ(measurements.all[0].seconds, (std::vector<double>{4e-3, 5e-3}));
    EXPECT_EQ(measurements.all[1].name, "old");
    EXPECT_EQ(measurements.all[1].seconds, (std::vector<double>{7 * 1e-9}));
    EXPECT_TRUE(measurements.warnings.empty());
}

TEST(GoogleBenchmark, IsRefusedWithThePlaceWhereItIsWrong) {
    const auto refused = [](const std::string& from, const std::string& to) {
        return refusal([&] { (void)parsed(benchmarks, from, to); });
    };
    EXPECT_EQ(refused("5.0", "\"5\""), "a.json: benchmarks[1].real_time is no number");
    EXPECT_EQ(refused("5.0", "0"), "a.json: benchmarks[1].real_time is not above 0");
    EXPECT_EQ(refused("\"ms\"", "\"min\""),
              "a.json: benchmarks[0].time_unit is none of ns, us, ms and s");
    EXPECT_EQ(refused("\"real_time\": 7", "\"x\": 7"),
              "a.json: benchmarks[3] has no member \"real_time\"");
    EXPECT_EQ(refused("\"benchmarks\"", "\"other\""), "a.json: it has no member \"benchmarks\"");
    EXPECT_NE(refused("]}", "").find("a.json is no JSON"), std::string::npos);
    EXPECT_NE(refusal([] {
                  (void)parse_google_benchmark(R"({"benchmarks": []})", "a.json");
              }).find("a.json has no repetitions"),
              std::string::npos);
}

TEST(GoogleBenchmark, WarnsOfFailedRunsAndOtherMachines) {
    const Measurements failed =
        parsed(benchmarks, "\"real_time\": 5.0", "\"error_occurred\": true");
    EXPECT_EQ(failed.all[0].seconds.size(), 1U);
    EXPECT_TRUE(has(failed.warnings, "sum/2 failed"));
    EXPECT_TRUE(has(parsed(benchmarks, "release", "debug").warnings, "built for debugging"));
    const Comparison comparison =
        compare(parsed(benchmarks), parsed(benchmarks, "\"vm\"", "\"other\""), 0.03);
    EXPECT_EQ(comparison.measure, "real time");
    EXPECT_TRUE(has(comparison.warnings, "host_name: vm -> other"));
}

TEST(GoogleBenchmark, IsNotComparedWithAStudy) {
    Made study;
    study.add("processes", 2, about(5));
    EXPECT_EQ(
        refusal([&] { (void)compare(measurements_of(study, "A"), parsed(benchmarks), 0.03); }),
        "cannot compare A, a study, with a.json, Google Benchmark's JSON");
}

}  // namespace
}  // namespace pinfold::apps

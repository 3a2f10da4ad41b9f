// `pinfold compare`, run as a user runs it: on files that are there, and on those that are not.

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "command.hpp"
#include "parsed_json.hpp"
#include "study/google_benchmark.hpp"
#include "study/study_json.hpp"

namespace pinfold::apps {
namespace {

/// A folder of files to compare, that goes away with it.
class CompareCommand : public testing::Test {
  protected:
    CompareCommand()
        : folder_(std::filesystem::temp_directory_path() /
                  fmt::format("pinfold-compare-{}", getpid())) {
        std::filesystem::create_directories(folder_);
    }
    ~CompareCommand() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) {
        const std::filesystem::path path = folder_ / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path, std::ios::binary) << text;
        return path.string();
    }

    /// Compares two files; `more` are options.
    static Outcome compare(const std::string& before, const std::string& after,
                           const Command::Arguments& more = {}) {
        Command::Arguments arguments{"compare", before, after};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_command(arguments);
    }

    static void expect_refusal(const Outcome& outcome, const std::string& part) {
        EXPECT_EQ(outcome.status, 2);
        EXPECT_EQ(outcome.output, "");
        EXPECT_EQ(outcome.error.find('\n') + 1, outcome.error.size()) << outcome.error;
        EXPECT_NE(outcome.error.find(part), std::string::npos) << outcome.error;
    }

    std::filesystem::path folder_;
};

Study study_of(double factor) {
    Study study;
    study.options.command = {"prime-sum", "0", "1e9"};
    study.complete = true;
    study.configurations.push_back({.series = "processes", .workers = 2, .command = {"pinfold"}});
    for (int repetition = 0; repetition < 10; ++repetition) {
        study.samples.push_back({.repetition = repetition,
                                 .order = static_cast<std::uint64_t>(repetition),
                                 .command_seconds = factor * (1 + 0.002 * repetition),
                                 .value = "42",
                                 .value_is_told = true});
    }
    return study;
}

TEST_F(CompareCommand, ComparesStudiesInFilesAndDirectories) {
    const std::string before = file("before.json", to_json(study_of(1)));
    (void)file("after/study.json", to_json(study_of(1)));
    const Outcome same = compare(before, (folder_ / "after").string());
    EXPECT_EQ(same.status, 0) << same.error;
    EXPECT_EQ(same.error, "");
    EXPECT_NE(same.output.find("processes, 2 workers"), std::string::npos) << same.output;
    EXPECT_NE(same.output.find("no change found"), std::string::npos) << same.output;
}

TEST_F(CompareCommand, FailsWhereSomethingIsSlower) {
    const std::string before = file("before.json", to_json(study_of(1)));
    const std::string after = file("after.json", to_json(study_of(1.1)));
    const Outcome slower = compare(before, after);
    EXPECT_EQ(slower.status, 1);
    EXPECT_NE(slower.output.find("slower"), std::string::npos) << slower.output;
    EXPECT_EQ(slower.error,
              "pinfold: 1 of 1 configurations slower, where 3 % or more is possible: processes, 2 "
              "workers\n");
    EXPECT_EQ(compare(before, after, {"--threshold", "20"}).status, 0);
    EXPECT_EQ(compare(before, after, {"--threshold", "0.5%"}).status, 1);
    EXPECT_EQ(compare(after, before).status, 0) << "what is faster is no failure";
}

TEST_F(CompareCommand, ComparesGoogleBenchmarksJson) {
    const std::string before = file("before.json", to_google_benchmark(study_of(1)));
    const std::string after = file("after.json", to_google_benchmark(study_of(1.1)));
    const Outcome slower = compare(before, after, {"--json"});
    EXPECT_EQ(slower.status, 1);
    const ParsedJson json = ParsedJson::parse(slower.output);
    EXPECT_EQ(json["measure"], "real time");
    EXPECT_EQ(json["worse"], 1);
    EXPECT_EQ(json["configurations"][0]["samples_before"], 10);
}

TEST_F(CompareCommand, RefusesWhatIsNoMeasurement) {
    const std::string good = file("good.json", to_json(study_of(1)));
    const std::string text = to_json(study_of(1));
    expect_refusal(compare(good, (folder_ / "none.json").string()), "none.json");
    expect_refusal(compare(good, folder_.string()), folder_.string());
    expect_refusal(compare(file("empty.json", ""), good), "empty.json' is empty");
    expect_refusal(compare(good, file("cut.json", text.substr(0, text.size() / 2))), "cut.json");
    expect_refusal(compare(good, file("text.json", "not JSON at all")), "text.json is no JSON");
    expect_refusal(compare(good, file("foreign.json", R"({"a": 1})")), "foreign.json");
    expect_refusal(compare(good, file("array.json", "[1, 2]")), "array.json");
    Study nothing = study_of(1);
    nothing.samples.clear();
    expect_refusal(compare(good, file("nothing.json", to_json(nothing))), "has no samples");
}

TEST_F(CompareCommand, RefusesUnlikeStudiesAndBadOptions) {
    const std::string good = file("good.json", to_json(study_of(1)));
    Study other = study_of(1);
    other.options.command[2] = "1e10";
    expect_refusal(compare(good, file("other.json", to_json(other))), "other work");
    Study wrong = study_of(1);
    wrong.samples[4].value = "43";
    expect_refusal(compare(good, file("wrong.json", to_json(wrong))), "other values");
    for (const std::string threshold : {"much", "-1", "nan", "1e9", "3 %%"}) {
        expect_refusal(compare(good, good, {"--threshold", threshold}), "--threshold");
    }
}

}  // namespace
}  // namespace pinfold::apps

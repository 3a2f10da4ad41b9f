#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "study/study.hpp"

namespace pinfold::apps {

/// The samples of one thing that was measured: a configuration of a study, or a benchmark.
struct Measurement {
    std::string name;
    /// What it ran, without the folder of its program: other commits are in other folders.
    std::string work;
    bool is_the_command = true;          ///< false: a base or a peer
    std::vector<double> seconds;         ///< of whole commands, or of a benchmark's iteration
    std::vector<double> job_seconds;     ///< of jobs; empty unless every run tells it
    std::set<std::string> values = {};   ///< what its runs found, where they tell it as such
    std::set<std::string> printed = {};  ///< else all that they printed
};

/// What a comparison knows of one side.
struct Measurements {
    enum class Kind { study, google_benchmark };

    std::string origin;  ///< the file or directory
    Kind kind = Kind::study;
    std::string work;  ///< what was studied, in one line; empty for benchmarks
    std::vector<Measurement> all;
    std::vector<Fact> machine;  ///< what makes it another machine
    std::vector<Fact> program;  ///< what was compared: version, commit, compiler, flags
    std::vector<std::string> warnings;

    /// Whether every run of every configuration tells how long its job took.
    [[nodiscard]] bool tells_jobs() const;
};

/// Those of a study. A sample without a time above 0 is passed over.
[[nodiscard]] Measurements measurements_of(const Study& study, const std::string& origin);

/// Those in a text of Google Benchmark's JSON: a sample is a repetition; its aggregates are passed
/// over. Throws std::invalid_argument that names the place in the text.
[[nodiscard]] Measurements parse_google_benchmark(std::string_view text, const std::string& origin);

/// Those of a study's directory, its study.json, or a file of Google Benchmark's JSON. Throws
/// std::invalid_argument that names the file, and what is wrong with it.
[[nodiscard]] Measurements read_measurements(const std::string& directory_or_file);

}  // namespace pinfold::apps

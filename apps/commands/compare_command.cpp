#include <fmt/format.h>

#include <charconv>
#include <memory>
#include <stdexcept>
#include <string>

#include "commands/commands.hpp"
#include "compare/comparison.hpp"
#include "shell/output.hpp"

namespace pinfold::apps {

namespace {

struct CompareOptions {
    std::string before;
    std::string after;
    std::string threshold = "3";
    bool json = false;
};

/// A share, from a text in percent.
double parse_threshold(std::string text) {
    constexpr double most = 1000;
    if (text.ends_with('%')) {
        text.pop_back();
    }
    double percent = 0;
    const char* const end = text.data() + text.size();
    const auto [last, error] = std::from_chars(text.data(), end, percent);
    if (error != std::errc() || last != end || !(percent >= 0 && percent <= most)) {
        throw std::invalid_argument(
            fmt::format("--threshold '{}' is no number of percent from 0 to {}", text, most));
    }
    return percent / 100;
}

/// For CI: the exit status of a failure, with a line that says what is slower.
void fail_if_worse(const Comparison& comparison) {
    std::string names;
    for (const Change& change : comparison.changes) {
        if (change.verdict == Verdict::worse) {
            names += (names.empty() ? "" : "; ") + change.name;
        }
    }
    if (!names.empty()) {
        throw std::runtime_error(
            fmt::format("{} of {} configurations slower, where {:g} % or more is possible: {}",
                        comparison.count(Verdict::worse), comparison.changes.size(),
                        100 * comparison.threshold, names));
    }
}

void run(const CompareOptions& options) {
    const double threshold = parse_threshold(options.threshold);
    const Measurements before = read_measurements(options.before);
    const Comparison comparison = compare(before, read_measurements(options.after), threshold);
    Output output;
    output.write(options.json ? as_json(comparison) + "\n" : as_text(comparison));
    output.finish();
    fail_if_worse(comparison);
}

}  // namespace

Subcommand compare_command() {
    const auto options = std::make_shared<CompareOptions>();
    return {
        "compare",
        "Tell what changed between two studies, or two files of Google Benchmark",
        {{.name = "BEFORE",
          .place = &options->before,
          .description = "a study's directory, its study.json, or Google Benchmark's JSON",
          .required = true},
         {.name = "AFTER",
          .place = &options->after,
          .description = "the same of another commit or machine",
          .required = true},
         {.name = "--threshold",
          .place = &options->threshold,
          .description = "how much slower is too much",
          .type = "PERCENT",
          .shows_default = true},
         {.name = "--json", .place = &options->json, .description = "print one JSON object"}},
        "Examples:\n"
        "  pinfold compare main-study branch-study\n"
        "  pinfold compare before.json after.json --threshold 5 --json\n"
        "A change is found by a rank test of the samples, at 5 % for all configurations together.\n"
        "Exit status: 0 nothing is slower by the threshold; 1 something is found to be slower, "
        "and\n"
        "its interval reaches the threshold (or the result could not be written); 2 bad input, "
        "such "
        "as\n"
        "studies of other commands, methods, grains, or with other values.",
        [options] { run(*options); }};
}

}  // namespace pinfold::apps

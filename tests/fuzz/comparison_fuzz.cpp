// Any text as a study or as Google Benchmark's JSON: what is taken is analysed, and compared with
// itself.

#include "compare/comparison.hpp"

#include <string>

#include "fuzz_target.hpp"
#include "study/analysis.hpp"
#include "study/study_json.hpp"

namespace pinfold::fuzz {
namespace {

using namespace pinfold::apps;

/// A comparison may still refuse: of nothing, or of values that differ among one side's runs.
void compare_with_itself(const Measurements& measurements) {
    const auto comparison = accepted([&] { return compare(measurements, measurements, 0.03); });
    if (!comparison) {
        return;
    }
    for (const Change& change : comparison->changes) {
        require(change.verdict == Verdict::no_change || change.verdict == Verdict::too_few,
                "nothing changed");
        require(change.of_all >= change.probability, "a correction makes no test surer");
    }
    require(!as_text(*comparison).empty() && !as_json(*comparison).empty(), "it can be written");
}

void look_at_study(const Study& study) {
    const auto analysis = accepted([&] { return analyse(study); });
    if (analysis) {
        std::size_t points = 0;
        for (const Series& series : analysis->series) {
            points += series.points.size();
        }
        require(points == study.configurations.size(), "each configuration has its point");
    }
    compare_with_itself(measurements_of(study, "study.json"));
}

}  // namespace
}  // namespace pinfold::fuzz

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace pinfold::fuzz;
    const std::string_view text = as_text(data, size);
    if (const auto study = accepted([&] { return parse_study(text, "study.json"); })) {
        look_at_study(*study);
    }
    if (const auto read = accepted([&] { return parse_google_benchmark(text, "gb.json"); })) {
        compare_with_itself(*read);
    }
    return 0;
}

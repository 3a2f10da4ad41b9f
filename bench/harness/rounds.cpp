#include "harness/rounds.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "harness/median.hpp"
#include "harness/rounds_reporter.hpp"

namespace bench {
namespace {

using Run = benchmark::BenchmarkReporter::Run;

#ifdef __clang__
constexpr const char* compiler = __VERSION__;
#else
constexpr const char* compiler = "g++ " __VERSION__;
#endif

/// Of the case that runs. The library reports a case before it begins the next one.
std::vector<Round>& kept() {
    static std::vector<Round> rounds;
    return rounds;
}

/// A round as the library writes one of several repetitions.
Run as_repetition(const Run& all, const std::vector<Round>& rounds, std::size_t index) {
    Run run = all;
    run.repetition_index = static_cast<std::int64_t>(index);
    run.repetitions = static_cast<std::int64_t>(rounds.size());
    run.iterations = 1;
    run.real_accumulated_time = rounds[index].seconds;
    run.cpu_accumulated_time = all.cpu_accumulated_time / static_cast<double>(all.iterations);
    run.counters.clear();
    if (rounds[index].ratio) {
        run.counters["ratio"] = *rounds[index].ratio;
    }
    return run;
}

/// The case's own row, as the library writes what repetitions come to.
Run as_median(const Run& all, const std::vector<Round>& rounds) {
    std::vector<double> seconds;
    for (const Round& round : rounds) {
        seconds.push_back(round.seconds);
    }
    Run run = all;
    run.run_type = Run::RT_Aggregate;
    run.aggregate_name = "median";
    run.aggregate_unit = benchmark::kTime;
    run.repetition_index = Run::no_repetition_index;
    run.repetitions = static_cast<std::int64_t>(rounds.size());
    run.real_accumulated_time = median(std::move(seconds)) * static_cast<double>(all.iterations);
    return run;
}

/// Whether the options, or the environment in their stead, ask for a file, and for no other form
/// than JSON. The library does not tell, and accepts no reporter for a file that nobody wants.
bool ask_for_json_file(int argc, char** argv) {
    bool file = std::getenv("BENCHMARK_OUT") != nullptr;
    bool json = std::getenv("BENCHMARK_OUT_FORMAT") == nullptr;
    for (int i = 1; i < argc; ++i) {
        const std::string_view option = argv[i];
        file = file || option.starts_with("--benchmark_out=");
        if (option.starts_with("--benchmark_out_format=")) {
            json = option.ends_with("=json");
        }
    }
    return file && json;
}

}  // namespace

void RoundsReporter::ReportRuns(const std::vector<Run>& runs) {
    const std::vector<Round> rounds = std::exchange(kept(), {});
    if (rounds.size() < 2 || runs.size() != 1) {
        JSONReporter::ReportRuns(runs);
        return;
    }
    std::vector<Run> all;
    for (std::size_t i = 0; i < rounds.size(); ++i) {
        all.push_back(as_repetition(runs.front(), rounds, i));
    }
    all.push_back(as_median(runs.front(), rounds));
    JSONReporter::ReportRuns(all);
}

void keep_rounds(std::vector<Round> rounds) {
    kept() = std::move(rounds);
}

void keep_rounds(const std::vector<double>& seconds) {
    std::vector<Round> rounds;
    for (const double s : seconds) {
        rounds.push_back({s, {}});
    }
    keep_rounds(std::move(rounds));
}

int run_benches(int argc, char** argv, const std::function<void()>& enter_cases) {
    const bool writes_json = ask_for_json_file(argc, argv);
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    benchmark::AddCustomContext("compiler", compiler);
    enter_cases();
    RoundsReporter to_file;
    benchmark::RunSpecifiedBenchmarks(nullptr, writes_json ? &to_file : nullptr);
    benchmark::Shutdown();
    return 0;
}

}  // namespace bench

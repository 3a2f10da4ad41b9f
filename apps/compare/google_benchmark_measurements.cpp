#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "compare/measurements.hpp"
#include "json/json_reader.hpp"

namespace pinfold::apps {

namespace {

// Of the context, what makes it another machine.
constexpr std::array machine_members{"host_name", "num_cpus", "mhz_per_cpu", "cpu_scaling_enabled"};

double seconds_of_unit(const JsonReader& benchmark) {
    if (!benchmark.has("time_unit")) {
        return 1e-9;
    }
    const JsonReader unit = benchmark["time_unit"];
    constexpr std::array<std::pair<std::string_view, double>, 4> units{
        {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1}}};
    const auto* const found =
        std::ranges::find(units, unit.text(), &std::pair<std::string_view, double>::first);
    if (found == units.end()) {
        unit.refuse("is none of ns, us, ms and s");
    }
    return found->second;
}

bool is_true(const JsonReader& benchmark, std::string_view member) {
    return benchmark.has(member) && benchmark[member].truth();
}

bool is_repetition(const JsonReader& benchmark) {
    return !benchmark.has("run_type") || benchmark["run_type"].text() == "iteration";
}

void add_sample(Measurements& made, const JsonReader& benchmark) {
    const std::string name = benchmark[benchmark.has("run_name") ? "run_name" : "name"].text();
    if (is_true(benchmark, "error_occurred") || is_true(benchmark, "skipped")) {
        made.warnings.push_back(
            fmt::format("{}: {} failed, and that run is passed over", made.origin, name));
        return;
    }
    const JsonReader time = benchmark["real_time"];
    const double seconds = time.number() * seconds_of_unit(benchmark);
    if (!(seconds > 0)) {
        time.refuse("is not above 0");
    }
    auto measurement = std::ranges::find(made.all, name, &Measurement::name);
    if (measurement == made.all.end()) {
        measurement = made.all.insert(made.all.end(), Measurement{.name = name});
    }
    measurement->seconds.push_back(seconds);
}

void add_context(Measurements& made, const JsonReader& context) {
    for (const char* name : machine_members) {
        if (context.has(name)) {
            const JsonReader member = context[name];
            made.machine.push_back(
                {.name = name, .text = member.is_string() ? member.text() : member.dump()});
        }
    }
    if (context.has("library_build_type") && context["library_build_type"].text() == "debug") {
        made.warnings.push_back(
            fmt::format("{}: Google Benchmark itself was built for debugging", made.origin));
    }
}

}  // namespace

Measurements parse_google_benchmark(std::string_view text, const std::string& origin) {
    const JsonReader json = JsonReader::parse(text, origin);
    Measurements made{.origin = origin, .kind = Measurements::Kind::google_benchmark};
    for (const JsonReader& benchmark : json["benchmarks"].elements()) {
        if (is_repetition(benchmark)) {
            add_sample(made, benchmark);
        }
    }
    if (made.all.empty()) {
        throw std::invalid_argument(fmt::format(
            "{} has no repetitions, which a comparison is made of; run the benchmark without "
            "--benchmark_report_aggregates_only",
            origin));
    }
    if (json.has("context")) {
        add_context(made, json["context"]);
    }
    return made;
}

}  // namespace pinfold::apps

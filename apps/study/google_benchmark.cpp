#include "study/google_benchmark.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "json/json.hpp"

namespace pinfold::apps {

namespace {

constexpr double ms_of_a_second = 1e3;

std::string benchmark_name(const StudyOptions& options, const Configuration& configuration) {
    // A base and a peer are commands of their own.
    const std::string command =
        configuration.role == Role::crew ? fmt::format("{}/", fmt::join(options.command, " ")) : "";
    const std::string n = configuration.n.empty() ? "" : "/n:" + configuration.n;
    return fmt::format("{}{}{}/workers:{}", command, configuration.series, n,
                       configuration.workers);
}

bool all_tell_the_job(const Study& study) {
    return std::ranges::all_of(study.samples,
                               [](const Sample& sample) { return sample.job_seconds.has_value(); });
}

Json context(const Study& study) {
    Json::Members members{{"date", study.started},
                          {"executable", "pinfold " + study.version},
                          {"num_cpus", study.environment.usable_cpus},
                          {"json_schema_version", 1}};
    for (const Fact& fact : study.environment.facts) {
        // Not under the names of Google Benchmark's own, which have other types.
        members.emplace_back(fact.group + ": " + fact.name, fact.text);
    }
    return Json::object(members);
}

/// Where configurations stand among the others, in Google Benchmark's terms.
struct Family {
    std::size_t index = 0;
    std::size_t instances = 0;
};

Json::Members members_of(const Study& study, std::size_t configuration, Family& family) {
    const Configuration& its = study.configurations[configuration];
    const std::string name = benchmark_name(study.options, its);
    const auto repetitions =
        std::ranges::count(study.samples, configuration, &Sample::configuration);
    return {{"name", name},
            {"family_index", family.index},
            {"per_family_instance_index", family.instances++},
            {"run_name", name},
            {"run_type", "iteration"},
            {"repetitions", repetitions},
            {"threads", its.workers}};
}

}  // namespace

std::string to_google_benchmark(const Study& study) {
    const bool job = all_tell_the_job(study);
    std::map<std::string, Family> families;
    std::vector<Json> benchmarks;
    for (std::size_t i = 0; i < study.configurations.size(); ++i) {
        const auto [family, is_new] =
            families.try_emplace(study.configurations[i].series, Family{families.size(), 0});
        const Json::Members shared = members_of(study, i, family->second);
        for (const Sample& sample : study.samples) {
            if (sample.configuration != i) {
                continue;
            }
            const double seconds = job ? *sample.job_seconds : sample.command_seconds;
            Json::Members members = shared;
            members.emplace_back("repetition_index", sample.repetition);
            members.emplace_back("iterations", 1);
            members.emplace_back("real_time", seconds * ms_of_a_second);
            members.emplace_back("cpu_time", sample.cpu_seconds * ms_of_a_second);
            members.emplace_back("time_unit", "ms");
            benchmarks.push_back(Json::object(members));
        }
    }
    std::string text = "{\"context\":" + context(study).dump() + ",\n\"benchmarks\":[";
    for (const Json& benchmark : benchmarks) {
        text += (text.back() == '[' ? "\n" : ",\n") + benchmark.dump();
    }
    return text + "]}\n";
}

}  // namespace pinfold::apps

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "compare/measurements.hpp"

namespace pinfold::apps {

namespace {

// Of the environment's facts, those that stay from run to run. The rest are moments, such as load.
constexpr std::array machine_facts{"model",
                                   "usable CPUs",
                                   "usable cores",
                                   "packages",
                                   "SMT",
                                   "governor",
                                   "turbo",
                                   "total",
                                   "NUMA nodes",
                                   "CPU quota",
                                   "kernel",
                                   "hypervisor",
                                   "transparent huge pages"};
constexpr const char* program_group = "build";

std::string without_folder(const std::string& program) {
    return program.substr(program.rfind('/') + 1);
}

std::string in_one_line(const std::vector<std::string>& command) {
    std::string line;
    for (std::size_t word = 0; word < command.size(); ++word) {
        line += word == 0 ? without_folder(command[0]) : " " + command[word];
    }
    return line;
}

std::string studied(const StudyOptions& options) {
    const std::string command = in_one_line(options.command);
    return options.scaling == Scaling::strong
               ? command
               : fmt::format("{}, weak scaling by {}", command, options.weak_rule);
}

Measurement measurement_of(const Study& study, std::size_t index) {
    const Configuration& configuration = study.configurations[index];
    Measurement made{.name = configuration.name(),
                     .work = in_one_line(configuration.command),
                     .is_the_command = configuration.role == Role::crew};
    if (!configuration.n.empty()) {
        made.work += fmt::format(" (n = {})", configuration.n);
    }
    bool tells_job = true;
    for (const Sample& sample : study.samples) {
        if (sample.configuration != index || sample.command_seconds <= 0) {
            continue;
        }
        made.seconds.push_back(sample.command_seconds);
        made.job_seconds.push_back(sample.job_seconds.value_or(0));
        tells_job = tells_job && made.job_seconds.back() > 0;
        if (!sample.value.empty()) {
            (sample.value_is_told ? made.values : made.printed).insert(sample.value);
        }
    }
    if (!tells_job) {
        made.job_seconds.clear();
    }
    return made;
}

}  // namespace

bool Measurements::tells_jobs() const {
    return std::ranges::all_of(all, [](const Measurement& measurement) {
        return measurement.job_seconds.size() == measurement.seconds.size();
    });
}

Measurements measurements_of(const Study& study, const std::string& origin) {
    Measurements made{.origin = origin, .work = studied(study.options)};
    for (std::size_t index = 0; index < study.configurations.size(); ++index) {
        Measurement measurement = measurement_of(study, index);
        if (!measurement.seconds.empty()) {
            made.all.push_back(std::move(measurement));
        }
    }
    for (const Fact& fact : study.environment.facts) {
        if (fact.group == program_group) {
            made.program.push_back(fact);
        } else if (std::ranges::find(machine_facts, fact.name) != machine_facts.end()) {
            made.machine.push_back(fact);
        }
    }
    if (!study.complete) {
        made.warnings.push_back(
            fmt::format("{} is not complete: it was interrupted, or is still running", origin));
    }
    return made;
}

}  // namespace pinfold::apps

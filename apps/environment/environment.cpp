#include "environment/environment.hpp"

#include <algorithm>
#include <exception>
#include <iterator>
#include <map>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/affinity/max_workers.hpp>
#include <pinfold/affinity/topology.hpp>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>

#include "environment/clock.hpp"
#include "environment/facts.hpp"

namespace pinfold::apps {

namespace {

using affinity::Pu;
using affinity::Topology;

constexpr auto time_of_a_look_at_others = std::chrono::milliseconds(250);

template <typename Key>
std::optional<int> most_of_one(const std::map<Key, int>& counts) {
    int most = 0;
    for (const auto& [key, count] : counts) {
        most = std::max(most, count);
    }
    return counts.empty() ? std::nullopt : std::optional(most);
}

/// How many different known values a member of the PUs has.
std::optional<int> count_of(const Topology& topology, int Pu::*member) {
    std::set<int> values;
    for (const Pu& pu : topology.pus()) {
        values.insert(pu.*member);
    }
    values.erase(-1);
    return values.empty() ? std::nullopt : std::optional(static_cast<int>(values.size()));
}

CpusInUse cpus_of(const Topology& topology) {
    std::map<int, int> threads_of;
    for (const Pu& pu : topology.pus()) {
        ++threads_of[pu.core];
    }
    return {.cpus = topology.cpus(),
            .cores = topology.cores(),
            .threads_a_core = most_of_one(threads_of),
            .packages = count_of(topology, &Pu::package),
            .numa_nodes = static_cast<int>(topology.numa_nodes().size())};
}

/// Of another machine, whose files are all there is.
CpusInUse cpus_of_record(const MachineFiles& files) {
    CpusInUse found;
    try {
        found.cpus =
            affinity::parse_cpu_list(files.line("sys/devices/system/cpu/online").value_or("0"));
    } catch (const std::invalid_argument&) {
        found.cpus = {0};
    }
    std::map<std::pair<double, double>, int> threads_of;
    std::set<double> packages;
    for (const int cpu : found.cpus) {
        const std::string folder =
            "sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/";
        const auto package = files.number(folder + "physical_package_id");
        const auto core = files.number(folder + "core_id");
        if (package && core) {
            packages.insert(*package);
            ++threads_of[{*package, *core}];
        }
    }
    found.cores = static_cast<int>(threads_of.empty() ? found.cpus.size() : threads_of.size());
    found.threads_a_core = most_of_one(threads_of);
    if (!packages.empty()) {
        found.packages = static_cast<int>(packages.size());
    }
    return found;
}

/// This process sleeps, so what runs meanwhile is others'.
std::optional<double> share_of_others(const MachineFiles& files) {
    const auto before = cpu_ticks(files);
    std::this_thread::sleep_for(time_of_a_look_at_others);
    const auto after = cpu_ticks(files);
    if (!before || !after) {
        return std::nullopt;
    }
    const double busy = after->busy + after->steal - before->busy - before->steal;
    const double all = busy + after->idle - before->idle;
    return all > 0 ? std::optional(busy / all) : std::nullopt;
}

/// Where no pool can be made, nothing is known.
std::optional<double> clock_of(int workers, const std::string& pin) {
    try {
        return clock_under_load(workers, pin);
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

Measured measure(const MachineFiles& files, const CpusInUse& cpus) {
    Measured measured;
    measured.others_share = share_of_others(files);
    measured.one_clock_hz = clock_of(1, "cores");
    measured.all_clocks_hz = clock_of(std::min(cpus.cores, affinity::max_workers), "cores");
    return measured;
}

std::string topology_xml() {
    try {
        return affinity::this_machine_xml();
    } catch (const std::exception&) {
        return "";
    }
}

}  // namespace

Environment look_at_machine(const LookOptions& options) {
    const MachineFiles files(options.root);
    const bool is_this_machine = options.root == "/";
    Environment environment;
    const CpusInUse cpus =
        is_this_machine ? cpus_of(Topology::this_machine()) : cpus_of_record(files);
    environment.usable_cpus = static_cast<int>(cpus.cpus.size());
    environment.usable_cores = cpus.cores;
    if (is_this_machine) {
        environment.topology_xml = topology_xml();
    }
    const Measured measured =
        is_this_machine && options.measure ? measure(files, cpus) : Measured();
    for (std::vector<Fact> group :
         {cpu_facts(files, cpus, measured), memory_facts(files, cpus), limit_facts(files),
          system_facts(files, measured), build_facts()}) {
        std::ranges::move(group, std::back_inserter(environment.facts));
    }
    environment.warnings = warnings_of(environment, 1);
    return environment;
}

const Fact* find_fact(const std::vector<Fact>& facts, const std::string& group,
                      const std::string& name) {
    const auto found = std::ranges::find_if(
        facts, [&](const Fact& fact) { return fact.group == group && fact.name == name; });
    return found == facts.end() ? nullptr : &*found;
}

}  // namespace pinfold::apps

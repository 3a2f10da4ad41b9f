#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/affinity/place.hpp>
#include <pinfold/affinity/usable_cpus.hpp>
#include <pinfold/engine/environment.hpp>
#include <set>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "shell/number.hpp"
#include "shell/output.hpp"
#include "shell/result.hpp"
#include "shell/text_table.hpp"

namespace pinfold::apps {

namespace {

using affinity::Placement;
using affinity::Pu;
using affinity::Topology;

constexpr const char* command_name = "topo";

/// What a user typed; an empty text was not given.
struct TopoOptions {
    std::string workers;
    std::string pin;
    std::string xml;
    bool json = false;
};

struct Plan {
    std::string pin;
    std::vector<Placement> placements;
};

/// All that the command shows.
struct Machine {
    Topology topology;
    affinity::UsableCpus usable;
    int default_workers = 1;
    std::optional<Plan> plan;
};

/// How many workers a pool of these options has on the machine.
int workers_of_a_pool(const Machine& machine, const PoolOptions& options) {
    const PoolOptions filled = with_environment(options);
    return filled.workers != 0 ? filled.workers
                               : affinity::default_workers(machine.topology, machine.usable,
                                                           affinity::parse_pin_policy(filled.pin));
}

std::optional<Plan> make_plan(const Machine& machine, const TopoOptions& options) {
    if (options.workers.empty() && options.pin.empty()) {
        return std::nullopt;
    }
    PoolOptions pool{.pin = options.pin};
    if (!options.workers.empty()) {
        constexpr Bounds bounds{1, affinity::max_workers};
        pool.workers = static_cast<int>(parse_uint64("--workers", options.workers, bounds));
    }
    const auto policy = affinity::parse_pin_policy(with_environment(pool).pin);
    return Plan{to_string(policy),
                place(machine.topology, policy, workers_of_a_pool(machine, pool))};
}

Machine look_at(const TopoOptions& options) {
    const bool recorded = !options.xml.empty();
    Machine machine{
        recorded ? Topology::from_xml(options.xml) : Topology::this_machine(), {}, 1, {}};
    // This machine's quota says nothing about another machine.
    machine.usable = recorded ? affinity::UsableCpus{machine.topology.cpus(), 0}
                              : affinity::usable_cpus(machine.topology);
    machine.default_workers = workers_of_a_pool(machine, {});
    machine.plan = make_plan(machine, options);
    return machine;
}

/// How many different known values a member of the PUs has.
std::size_t count_of(const Topology& topology, int Pu::*member) {
    std::set<int> values;
    for (const Pu& pu : topology.pus()) {
        values.insert(pu.*member);
    }
    values.erase(-1);
    return values.size();
}

std::string plural(std::size_t count, const std::string& noun) {
    return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// A number of the system or of pinfold's own, where -1 is not known.
std::string cell(int number) {
    return number < 0 ? "-" : std::to_string(number);
}

Json json_cell(int number) {
    return number < 0 ? Json() : Json(number);
}

std::string memory_text(std::uint64_t bytes) {
    constexpr double gibibyte = 1024.0 * 1024 * 1024;
    return bytes == 0 ? "-" : fmt::format("{:.1f} GiB", static_cast<double>(bytes) / gibibyte);
}

void write_summary(Output& output, const Machine& machine) {
    const Topology& topology = machine.topology;
    output.write(fmt::format("{}, {}, {}, {}, {}\n", plural(topology.pus().size(), "PU"),
                             plural(static_cast<std::size_t>(topology.cores()), "core"),
                             plural(count_of(topology, &Pu::l3), "L3 cache"),
                             plural(count_of(topology, &Pu::package), "package"),
                             plural(topology.numa_nodes().size(), "NUMA node")));
    output.write(machine.usable.quota_cpus > 0
                     ? fmt::format("CPU quota: {:.2f} CPUs\n", machine.usable.quota_cpus)
                     : "CPU quota: none\n");
    output.write(fmt::format("Workers by default: {}\n", machine.default_workers));
}

void write_pus(Output& output, const Topology& topology) {
    std::vector<TextRow> rows{
        {"PU", "core", "L3", "package", "NUMA node", "SMT rank", "core kind"}};
    for (const Pu& pu : topology.pus()) {
        rows.push_back({cell(pu.os_index), cell(pu.core), cell(pu.l3), cell(pu.package),
                        cell(pu.numa_node), cell(pu.smt_rank), cell(pu.kind)});
    }
    output.write(text_table(rows, ">"));
}

void write_numa_nodes(Output& output, const Topology& topology) {
    std::vector<TextRow> rows{{"NUMA node", "memory", "PUs"}};
    for (const auto& node : topology.numa_nodes()) {
        const std::string cpus = affinity::format_cpu_list(node.cpus);
        rows.push_back({cell(node.os_index), memory_text(node.bytes), cpus.empty() ? "-" : cpus});
    }
    output.write(text_table(rows, ">"));
}

/// A square table of what the nodes know of each other, if they know anything.
void write_between_nodes(Output& output, const Topology& topology, const std::string& title,
                         std::vector<std::uint64_t> affinity::NumaNode::*known) {
    const auto nodes = topology.numa_nodes();
    const auto knows = [&](const affinity::NumaNode& node) { return !(node.*known).empty(); };
    if (nodes.size() < 2 || std::ranges::none_of(nodes, knows)) {
        return;
    }
    std::vector<TextRow> rows{{"from node"}};
    for (const auto& node : nodes) {
        rows.front().push_back("to " + cell(node.os_index));
    }
    for (const auto& node : nodes) {
        TextRow row{cell(node.os_index)};
        for (std::size_t to = 0; to < nodes.size(); ++to) {
            const std::uint64_t value = knows(node) ? (node.*known)[to] : 0;
            row.push_back(value == 0 ? "-" : std::to_string(value));
        }
        rows.push_back(std::move(row));
    }
    output.write("\n" + title + ":\n" + text_table(rows, ">"));
}

void write_plan(Output& output, const Plan& plan) {
    std::vector<TextRow> rows{{"worker", "PU", "core", "L3", "NUMA node"}};
    for (std::size_t worker = 0; worker < plan.placements.size(); ++worker) {
        const Placement& placement = plan.placements[worker];
        rows.push_back({std::to_string(worker), cell(placement.cpu), cell(placement.core),
                        cell(placement.l3), cell(placement.numa_node)});
    }
    output.write(fmt::format("\nWorkers pinned by {}:\n", plan.pin));
    output.write(text_table(rows, ">"));
}

void write_text(Output& output, const Machine& machine) {
    write_summary(output, machine);
    output.write("\n");
    write_pus(output, machine.topology);
    output.write("\n");
    write_numa_nodes(output, machine.topology);
    write_between_nodes(output, machine.topology, "Distances, 10 is near",
                        &affinity::NumaNode::distances);
    write_between_nodes(output, machine.topology, "Bandwidths in MiB/s",
                        &affinity::NumaNode::bandwidths);
    if (machine.plan) {
        write_plan(output, *machine.plan);
    }
}

Json plan_json(const Plan& plan) {
    std::vector<Json> workers;
    for (const Placement& placement : plan.placements) {
        workers.push_back(Json::object({{"worker", workers.size()},
                                        {"pu", json_cell(placement.cpu)},
                                        {"core", json_cell(placement.core)},
                                        {"l3", json_cell(placement.l3)},
                                        {"package", json_cell(placement.package)},
                                        {"numa_node", json_cell(placement.numa_node)}}));
    }
    return Json::object({{"pin", plan.pin}, {"workers", Json::array(workers)}});
}

Json pu_json(const Pu& pu) {
    return Json::object({{"pu", pu.os_index},
                         {"core", pu.core},
                         {"l3", json_cell(pu.l3)},
                         {"package", json_cell(pu.package)},
                         {"numa_node", json_cell(pu.numa_node)},
                         {"smt_rank", pu.smt_rank},
                         {"kind", pu.kind}});
}

/// Both rows are by the order of the nodes; an unknown one is empty.
Json node_json(const affinity::NumaNode& node) {
    const auto number = [](std::uint64_t value) { return value; };
    return Json::object({{"numa_node", node.os_index},
                         {"bytes", node.bytes},
                         {"pus", Json::array(node.cpus, [](int cpu) { return cpu; })},
                         {"distances", Json::array(node.distances, number)},
                         {"bandwidths", Json::array(node.bandwidths, number)}});
}

Json machine_json(const Machine& machine) {
    const double quota = machine.usable.quota_cpus;
    Json::Members members{{"command", command_name},
                          {"cores", machine.topology.cores()},
                          {"quota_cpus", quota > 0 ? Json(quota) : Json()},
                          {"default_workers", machine.default_workers},
                          {"pus", Json::array(machine.topology.pus(), pu_json)},
                          {"numa_nodes", Json::array(machine.topology.numa_nodes(), node_json)}};
    if (machine.plan) {
        members.emplace_back("plan", plan_json(*machine.plan));
    }
    return Json::object(members);
}

void run(const TopoOptions& options) {
    // hwloc comments on odd machines in several lines of its own; an error is one line of ours.
    setenv("HWLOC_HIDE_ERRORS", "2", 0);
    const Machine machine = look_at(options);
    Output output;
    if (options.json) {
        output.write(machine_json(machine).dump() + "\n");
    } else {
        write_text(output, machine);
    }
    output.finish();
}

}  // namespace

Subcommand topo_command() {
    const auto options = std::make_shared<TopoOptions>();
    return {
        command_name,
        "Show the machine and where workers would run on it",
        {{.name = "--workers",
          .place = &options->workers,
          .description = fmt::format("show where this many workers would run, 1 to {}",
                                     affinity::max_workers)},
         {.name = "--pin",
          .place = &options->pin,
          .description = "where they would be bound: cores, compact, scatter, each also with "
                         "@numa:N; none; or CPUs such as 0,2,4-7"},
         {.name = "--xml",
          .place = &options->xml,
          .description = "show a machine recorded by lstopo FILE.xml instead of this one"},
         {.name = "--json", .place = &options->json, .description = "print one JSON object"}},
        "Examples:\n"
        "  pinfold topo                               this machine\n"
        "  pinfold topo --workers 4 --pin compact     and where 4 workers would run\n"
        "  pinfold topo --xml server.xml --workers 64 the same for another machine\n"
        "Nothing is bound and no worker starts. A part that the machine does not tell is \"-\".",
        [options] { run(*options); }};
}

}  // namespace pinfold::apps

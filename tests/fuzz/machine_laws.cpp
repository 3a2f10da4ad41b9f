#include "machine_laws.hpp"

#include <algorithm>
#include <map>
#include <pinfold/affinity/cpu_list.hpp>
#include <set>

#include "fuzz_target.hpp"

namespace pinfold::fuzz {
namespace {

using affinity::NumaNode;
using affinity::PinPolicy;
using affinity::Placement;
using affinity::Pu;
using affinity::Topology;

// Placing takes PUs times L3 caches; a fuzzer wants many machines rather than large ones.
constexpr std::size_t most_pus_to_place = 512;

void check_pu(const Topology& machine, int cores, const Pu& pu) {
    require(pu.os_index >= 0 && pu.os_index <= affinity::max_cpu, "a PU has a number Linux has");
    require(machine.find_pu(pu.os_index) == &pu, "a PU's number is its own");
    require(pu.core >= 0 && pu.core < cores, "cores count from 0");
    require(pu.package >= -1 && pu.l3 >= -1 && pu.kind >= 0, "indices count from 0, or are -1");
    require(pu.numa_node == -1 || machine.find_numa_node(pu.numa_node) != nullptr,
            "a PU's node is one of the machine's");
}

void check_node(const Topology& machine, const NumaNode& node) {
    require(machine.find_numa_node(node.os_index) == &node, "a node's number is its own");
    require(std::ranges::is_sorted(node.cpus), "a node's CPUs ascend");
    require(std::ranges::all_of(node.cpus, [&](int c) { return machine.find_pu(c) != nullptr; }),
            "a node's CPUs are the machine's");
}

/// The PUs of a core are ranked 0, 1, 2, ...
void check_smt_ranks(const Topology& machine) {
    std::map<int, std::set<int>> ranks;
    for (const Pu& pu : machine.pus()) {
        require(ranks[pu.core].insert(pu.smt_rank).second, "a core has each SMT rank once");
    }
    for (const auto& [core, its_ranks] : ranks) {
        require(*its_ranks.begin() == 0 && *its_ranks.rbegin() + 1 == std::ssize(its_ranks),
                "SMT ranks count from 0");
    }
}

void check_policies(const Topology& machine) {
    using Kind = PinPolicy::Kind;
    for (const Kind kind : {Kind::cores, Kind::compact, Kind::scatter}) {
        const PinPolicy policy{.kind = kind};
        const auto placements = place(machine, policy, static_cast<int>(machine.pus().size()));
        check_placements(machine, policy, placements);
        std::set<int> cpus;
        std::ranges::transform(placements, std::inserter(cpus, cpus.end()), &Placement::cpu);
        require(cpus.size() == machine.pus().size(), "as many workers as PUs take each PU once");
    }
    for (const NumaNode& node : machine.numa_nodes()) {
        const PinPolicy policy{.kind = Kind::cores, .numa_node = node.os_index};
        const auto placements = accepted([&] { return place(machine, policy, 3); });
        require(placements.has_value() != node.cpus.empty(), "a node with CPUs takes workers");
    }
}

}  // namespace

void check_machine(const Topology& machine) {
    require(!machine.pus().empty(), "a machine has a PU");
    const int cores = machine.cores();
    for (const Pu& pu : machine.pus()) {
        check_pu(machine, cores, pu);
    }
    for (const NumaNode& node : machine.numa_nodes()) {
        check_node(machine, node);
    }
    check_smt_ranks(machine);
    if (machine.pus().size() <= most_pus_to_place) {
        check_policies(machine);
    }
}

void check_placements(const Topology& machine, const PinPolicy& policy,
                      const std::vector<Placement>& placements) {
    for (const Placement& placement : placements) {
        if (policy.kind == PinPolicy::Kind::none) {
            require(placement == Placement{}, "none binds nothing");
        } else {
            const Pu* pu = machine.find_pu(placement.cpu);
            require(pu != nullptr && pu->core == placement.core,
                    "a placement is a PU of the machine");
        }
    }
}

}  // namespace pinfold::fuzz

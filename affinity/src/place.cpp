// Placement in two steps: put the machine's PUs in the order in which workers should take them,
// then deal the workers over that order, round and round.
//
// cores and scatter build the order greedily: of the PUs not yet taken, a tier at a time, the next
// one is that whose NUMA node has been given the fewest so far, then whose package, then whose L3;
// ties go to the first in order of locality. Counts compared in this order spread well both where
// nodes hold packages and where packages hold nodes: a level no coarser than the one before it only
// splits ties. PUs of the same node, package and L3 count alike, so the choice is among these
// domains, not all PUs.

#include <algorithm>
#include <map>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/affinity/place.hpp>
#include <stdexcept>
#include <string>
#include <tuple>

namespace pinfold::affinity {
namespace {

using Kind = PinPolicy::Kind;
using PuOrder = std::vector<const Pu*>;

/// How many workers each part of the machine was given so far, by the part's index.
struct Load {
    std::map<int, int> numa_nodes;
    std::map<int, int> packages;
    std::map<int, int> l3s;
};

/// The PUs of one tier that share NUMA node, package and L3, and the load of these.
class Domain {
  public:
    Domain(const Pu& pu, Load& load)
        : numa_load_(&load.numa_nodes[pu.numa_node]),
          package_load_(&load.packages[pu.package]),
          l3_load_(&load.l3s[pu.l3]) {}

    void add(const Pu& pu) { pus_.push_back(&pu); }

    const Pu* take() {
        ++*numa_load_;
        ++*package_load_;
        ++*l3_load_;
        return pus_[taken_++];
    }

    /// Smaller is better as the next choice; a domain with nothing left comes last.
    [[nodiscard]] auto rank() const {
        return std::tuple(taken_ == pus_.size(), *numa_load_, *package_load_, *l3_load_);
    }

  private:
    int* numa_load_;
    int* package_load_;
    int* l3_load_;
    PuOrder pus_;
    std::size_t taken_ = 0;
};

/// Appends the PUs of one tier to `order`, each time from the domain with the least load.
void spread_tier(const PuOrder& tier, Load& load, PuOrder& order) {
    std::vector<Domain> domains;
    std::map<std::tuple<int, int, int>, std::size_t> index;
    for (const Pu* pu : tier) {
        const auto [entry, is_new] =
            index.try_emplace({pu->numa_node, pu->package, pu->l3}, domains.size());
        if (is_new) {
            domains.emplace_back(*pu, load);
        }
        domains[entry->second].add(*pu);
    }
    for (std::size_t count = 0; count < tier.size(); ++count) {
        order.push_back(std::ranges::min_element(domains, {}, &Domain::rank)->take());
    }
}

/// All PUs in spread order. A tier comes wholly before the next: SMT siblings wait until every core
/// has a worker and, where `faster_first`, slow cores until every fast one has.
PuOrder spread(const PuOrder& pus, bool faster_first) {
    std::map<std::pair<int, int>, PuOrder> tiers;
    for (const Pu* pu : pus) {
        tiers[{pu->smt_rank, faster_first ? -pu->kind : 0}].push_back(pu);
    }
    PuOrder order;
    order.reserve(pus.size());
    Load load;
    for (const auto& [key, tier] : tiers) {
        spread_tier(tier, load, order);
    }
    return order;
}

std::string numa_nodes_with_cpus(const Topology& topology) {
    std::vector<int> nodes;
    for (const auto& node : topology.numa_nodes()) {
        if (!node.cpus.empty()) {
            nodes.push_back(node.os_index);
        }
    }
    std::ranges::sort(nodes);
    return nodes.empty() ? "none" : format_cpu_list(nodes);
}

/// The PUs that a policy may choose from, in order of locality.
PuOrder candidates(const Topology& topology, std::optional<int> numa_node) {
    PuOrder pus;
    if (!numa_node) {
        for (const auto& pu : topology.pus()) {
            pus.push_back(&pu);
        }
        return pus;
    }
    const auto* node = topology.find_numa_node(*numa_node);
    if (node != nullptr) {
        for (const auto& pu : topology.pus()) {
            if (std::ranges::find(node->cpus, pu.os_index) != node->cpus.end()) {
                pus.push_back(&pu);
            }
        }
    }
    if (pus.empty()) {
        throw std::invalid_argument("NUMA node " + std::to_string(*numa_node) +
                                    (node == nullptr ? " does not exist" : " has no usable CPU") +
                                    "; nodes with usable CPUs: " + numa_nodes_with_cpus(topology));
    }
    return pus;
}

PuOrder listed(const Topology& topology, const std::vector<int>& cpus) {
    if (cpus.empty()) {
        throw std::invalid_argument("the CPU list of the pin policy is empty");
    }
    PuOrder pus;
    for (const int cpu : cpus) {
        const auto* pu = topology.find_pu(cpu);
        if (pu == nullptr) {
            throw std::invalid_argument("CPU " + std::to_string(cpu) +
                                        " is not one of the usable CPUs " +
                                        format_cpu_list(topology.cpus()));
        }
        pus.push_back(pu);
    }
    return pus;
}

PuOrder order_for(const Topology& topology, const PinPolicy& policy) {
    switch (policy.kind) {
        case Kind::cores:
            return spread(candidates(topology, policy.numa_node), true);
        case Kind::scatter:
            return spread(candidates(topology, policy.numa_node), false);
        case Kind::compact:
            return candidates(topology, policy.numa_node);
        case Kind::list:
            return listed(topology, policy.cpus);
        case Kind::none:
            break;
    }
    return {};
}

void check(const PinPolicy& policy, int workers) {
    if (workers < 1 || workers > max_workers) {
        throw std::invalid_argument(std::to_string(workers) + " workers is outside 1.." +
                                    std::to_string(max_workers));
    }
    if (policy.numa_node && (policy.kind == Kind::none || policy.kind == Kind::list)) {
        throw std::invalid_argument("pin policy '" + to_string(policy) +
                                    "' cannot be kept to a NUMA node");
    }
}

}  // namespace

std::vector<Placement> place(const Topology& topology, const PinPolicy& policy, int workers) {
    check(policy, workers);
    const auto order = order_for(topology, policy);
    std::vector<Placement> placements(static_cast<std::size_t>(workers));
    if (order.empty()) {
        return placements;
    }
    for (std::size_t worker = 0; worker < placements.size(); ++worker) {
        const auto& pu = *order[worker % order.size()];
        placements[worker] = {.cpu = pu.os_index,
                              .core = pu.core,
                              .l3 = pu.l3,
                              .package = pu.package,
                              .numa_node = policy.numa_node.value_or(pu.numa_node)};
    }
    return placements;
}

}  // namespace pinfold::affinity

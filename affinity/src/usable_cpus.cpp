#include <algorithm>
#include <cmath>
#include <optional>
#include <pinfold/affinity/usable_cpus.hpp>
#include <set>

#include "cpu_quota.hpp"

namespace pinfold::affinity {
namespace {

/// The physical cores behind the usable CPUs, of one NUMA node if given.
std::size_t count_cores(const Topology& topology, const UsableCpus& usable,
                        std::optional<int> numa_node) {
    const NumaNode* node = numa_node ? topology.find_numa_node(*numa_node) : nullptr;
    std::set<int> cores;
    for (const int cpu : usable.cpus) {
        const bool near = node == nullptr || std::ranges::count(node->cpus, cpu) > 0;
        if (const auto* pu = topology.find_pu(cpu); pu != nullptr && near) {
            cores.insert(pu->core);
        }
    }
    return cores.size();
}

}  // namespace

UsableCpus usable_cpus(const Topology& topology, const std::filesystem::path& root) {
    return {.cpus = topology.cpus(), .quota_cpus = cpu_quota(root)};
}

int default_workers(const Topology& topology, const UsableCpus& usable, const PinPolicy& policy) {
    const std::size_t wanted = policy.kind == PinPolicy::Kind::list
                                   ? policy.cpus.size()
                                   : count_cores(topology, usable, policy.numa_node);
    const double limit = usable.quota_cpus > 0 ? std::ceil(usable.quota_cpus) : max_workers;
    const double workers = std::min(static_cast<double>(wanted), limit);
    return static_cast<int>(std::clamp(workers, 1.0, static_cast<double>(max_workers)));
}

}  // namespace pinfold::affinity

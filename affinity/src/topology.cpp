#include <algorithm>
#include <iterator>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/affinity/topology.hpp>
#include <set>
#include <stdexcept>
#include <utility>

namespace pinfold::affinity {

Topology::Topology(std::vector<Pu> pus, std::vector<NumaNode> numa_nodes)
    : pus_(std::move(pus)), numa_nodes_(std::move(numa_nodes)) {
    if (pus_.empty()) {
        throw std::invalid_argument("a machine without any usable CPU");
    }
    std::set<int> seen;
    for (const auto& pu : pus_) {
        if (pu.os_index < 0 || pu.os_index > max_cpu) {
            throw std::invalid_argument("CPU " + std::to_string(pu.os_index) + " is outside 0.." +
                                        std::to_string(max_cpu));
        }
        if (!seen.insert(pu.os_index).second) {
            throw std::invalid_argument("CPU " + std::to_string(pu.os_index) + " appears twice");
        }
    }
}

const Pu* Topology::find_pu(int os_index) const noexcept {
    const auto found = std::ranges::find(pus_, os_index, &Pu::os_index);
    return found == pus_.end() ? nullptr : &*found;
}

const NumaNode* Topology::find_numa_node(int os_index) const noexcept {
    const auto found = std::ranges::find(numa_nodes_, os_index, &NumaNode::os_index);
    return found == numa_nodes_.end() ? nullptr : &*found;
}

std::vector<int> Topology::cpus() const {
    std::vector<int> cpus;
    cpus.reserve(pus_.size());
    std::ranges::transform(pus_, std::back_inserter(cpus), &Pu::os_index);
    std::ranges::sort(cpus);
    return cpus;
}

int Topology::cores() const {
    std::set<int> cores;
    for (const auto& pu : pus_) {
        cores.insert(pu.core);
    }
    return static_cast<int>(cores.size());
}

}  // namespace pinfold::affinity

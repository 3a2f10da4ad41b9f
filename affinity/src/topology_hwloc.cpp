// The one place that knows hwloc: loads a machine and copies what pinfold needs into values.

#include <hwloc.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/affinity/cpu_list.hpp>
#include <pinfold/affinity/topology.hpp>
#include <set>
#include <stdexcept>
#include <system_error>

#include "machine_record.hpp"

namespace pinfold::affinity {
namespace {

struct Destroy {
    void operator()(hwloc_topology_t topology) const noexcept { hwloc_topology_destroy(topology); }
    void operator()(hwloc_bitmap_t bitmap) const noexcept { hwloc_bitmap_free(bitmap); }
};
using Machine = std::unique_ptr<hwloc_topology, Destroy>;
using Bitmap = std::unique_ptr<hwloc_bitmap_s, Destroy>;

constexpr std::size_t max_xml_bytes = std::size_t{64} << 20U;

Machine new_machine() {
    hwloc_topology_t machine = nullptr;
    if (hwloc_topology_init(&machine) != 0) {
        throw std::system_error(errno, std::generic_category(), "hwloc_topology_init");
    }
    return Machine(machine);
}

/// Loads what was chosen; only this can fail on bad input. The inner caches are not looked at.
bool load(hwloc_topology_t machine) {
    for (const auto type : {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L1ICACHE,
                            HWLOC_OBJ_L2ICACHE, HWLOC_OBJ_L3ICACHE, HWLOC_OBJ_MISC}) {
        hwloc_topology_set_type_filter(machine, type, HWLOC_TYPE_FILTER_KEEP_NONE);
    }
    return hwloc_topology_load(machine) == 0;
}

/// Where the kernel tells of cores and caches, hwloc's second look at an x86 machine adds nothing
/// that is used here. It binds the calling thread to each CPU in turn: 150 us a CPU.
void skip_cpuid(hwloc_topology_t machine) {
    std::error_code cannot_tell;
    if (std::filesystem::exists("/sys/devices/system/cpu/cpu0/topology", cannot_tell) ||
        std::filesystem::exists("/sys/devices/system/cpu/cpu1/topology", cannot_tell)) {
        hwloc_topology_set_components(machine, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, "x86");
    }
}

std::vector<int> numbers_in(hwloc_const_bitmap_t bitmap) {
    std::vector<int> numbers;
    if (bitmap == nullptr || hwloc_bitmap_weight(bitmap) < 0) {
        return numbers;  // an infinite set names nothing
    }
    for (int id = hwloc_bitmap_first(bitmap); id >= 0; id = hwloc_bitmap_next(bitmap, id)) {
        numbers.push_back(id);
    }
    return numbers;
}

/// hwloc's rank of each CPU's core kind; what is missing is kind 0.
std::map<int, int> read_kinds(hwloc_topology_t machine) {
    std::map<int, int> kinds;
    const int count = std::max(0, hwloc_cpukinds_get_nr(machine, 0));
    const Bitmap cpus(hwloc_bitmap_alloc());
    for (unsigned kind = 0; cpus && kind < static_cast<unsigned>(count); ++kind) {
        int efficiency = -1;
        if (hwloc_cpukinds_get_info(machine, kind, cpus.get(), &efficiency, nullptr, nullptr, 0) !=
            0) {
            continue;
        }
        for (const int cpu : numbers_in(cpus.get())) {
            kinds[cpu] = std::max(0, efficiency);
        }
    }
    return kinds;
}

/// hwloc's matrix of latencies between nodes; those that lack it, or a row of it, stay without.
void read_distances(hwloc_topology_t machine, std::vector<NumaNode>& nodes) {
    hwloc_distances_s* found = nullptr;
    unsigned count = 1;
    const unsigned long kind = HWLOC_DISTANCES_KIND_MEANS_LATENCY;
    if (hwloc_distances_get_by_type(machine, HWLOC_OBJ_NUMANODE, &count, &found, kind, 0) != 0 ||
        count == 0) {
        return;
    }
    const auto release = [&](hwloc_distances_s* d) { hwloc_distances_release(machine, d); };
    const std::unique_ptr<hwloc_distances_s, decltype(release)> distances(found, release);
    const std::size_t size = distances->nbobjs;
    std::map<int, std::size_t> places;
    for (std::size_t i = 0; i < size; ++i) {
        if (distances->objs[i] != nullptr) {
            places[static_cast<int>(distances->objs[i]->os_index)] = i;
        }
    }
    const auto is_there = [&](const NumaNode& node) { return places.contains(node.os_index); };
    if (!std::ranges::all_of(nodes, is_there)) {
        return;
    }
    for (NumaNode& from : nodes) {
        for (const NumaNode& to : nodes) {
            from.distances.push_back(
                distances->values[places[from.os_index] * size + places[to.os_index]]);
        }
    }
}

/// What hwloc knows of reading from one node by the CPUs of another; 0 where it knows nothing.
std::uint64_t bandwidth_between(hwloc_topology_t machine, hwloc_obj_t from, hwloc_obj_t to) {
    hwloc_location initiator{};
    initiator.type = HWLOC_LOCATION_TYPE_CPUSET;
    initiator.location.cpuset = from->cpuset;
    hwloc_uint64_t value = 0;
    const bool is_known = hwloc_memattr_get_value(machine, HWLOC_MEMATTR_ID_BANDWIDTH, to,
                                                  &initiator, 0, &value) == 0;
    return is_known ? value : 0;
}

void read_bandwidths(hwloc_topology_t machine, std::vector<NumaNode>& nodes) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        std::vector<std::uint64_t> row(nodes.size(), 0);
        const auto object_of = [&](std::size_t index) {
            return hwloc_get_obj_by_type(machine, HWLOC_OBJ_NUMANODE, static_cast<unsigned>(index));
        };
        for (std::size_t to = 0; to < nodes.size() && !nodes[i].cpus.empty(); ++to) {
            row[to] = bandwidth_between(machine, object_of(i), object_of(to));
        }
        if (std::ranges::any_of(row, [](std::uint64_t value) { return value != 0; })) {
            nodes[i].bandwidths = std::move(row);
        }
    }
}

/// Nodes in hwloc's order, which puts ordinary memory before special memory of the same CPUs.
std::vector<NumaNode> read_numa_nodes(hwloc_topology_t machine) {
    const hwloc_const_nodeset_t allowed = hwloc_topology_get_allowed_nodeset(machine);
    std::vector<NumaNode> nodes;
    for (hwloc_obj_t node = nullptr;
         (node = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_NUMANODE, node)) != nullptr;) {
        const bool may_be_used = hwloc_bitmap_isset(allowed, node->os_index) != 0;
        nodes.push_back({.os_index = static_cast<int>(node->os_index),
                         .bytes = may_be_used ? node->attr->numanode.local_memory : 0,
                         .cpus = numbers_in(node->cpuset)});
    }
    read_distances(machine, nodes);
    read_bandwidths(machine, nodes);
    return nodes;
}

/// The node with the fewest CPUs around each CPU; among equals the first.
std::map<int, int> nearest_nodes(const std::vector<NumaNode>& nodes) {
    std::map<int, const NumaNode*> nearest;
    for (const auto& node : nodes) {
        for (const int cpu : node.cpus) {
            auto& best = nearest[cpu];
            if (best == nullptr || node.cpus.size() < best->cpus.size()) {
                best = &node;
            }
        }
    }
    std::map<int, int> numbers;
    for (const auto& [cpu, node] : nearest) {
        numbers[cpu] = node->os_index;
    }
    return numbers;
}

int logical_index_of(hwloc_topology_t machine, hwloc_obj_type_t type, hwloc_obj_t pu) {
    const hwloc_obj_t ancestor = hwloc_get_ancestor_obj_by_type(machine, type, pu);
    return ancestor == nullptr ? -1 : static_cast<int>(ancestor->logical_index);
}

/// Numbers things from 0 in the order in which they are first seen.
class Numbering {
  public:
    int operator()(int key) {
        return key < 0 ? -1
                       : index_.try_emplace(key, static_cast<int>(index_.size())).first->second;
    }

  private:
    std::map<int, int> index_;
};

/// The PUs with their parts as hwloc numbers them; a PU without a core has core -1.
std::vector<Pu> read_pus(hwloc_topology_t machine, const std::vector<NumaNode>& nodes) {
    const auto kinds = read_kinds(machine);
    const auto near = nearest_nodes(nodes);
    std::vector<Pu> pus;
    for (hwloc_obj_t pu = nullptr;
         (pu = hwloc_get_next_obj_by_type(machine, HWLOC_OBJ_PU, pu)) != nullptr;) {
        const int cpu = static_cast<int>(pu->os_index);
        const auto node = near.find(cpu);
        const auto kind = kinds.find(cpu);
        pus.push_back({.os_index = cpu,
                       .core = logical_index_of(machine, HWLOC_OBJ_CORE, pu),
                       .package = logical_index_of(machine, HWLOC_OBJ_PACKAGE, pu),
                       .l3 = logical_index_of(machine, HWLOC_OBJ_L3CACHE, pu),
                       .numa_node = node == near.end() ? -1 : node->second,
                       .kind = kind == kinds.end() ? 0 : kind->second});
    }
    return pus;
}

/// Numbers parts without gaps, gives every PU a core, and ranks the PUs of each core.
void renumber(std::vector<Pu>& pus) {
    Numbering packages;
    Numbering l3s;
    std::map<int, int> cores;
    std::map<int, std::vector<Pu*>> siblings;
    int core_count = 0;
    for (auto& pu : pus) {
        pu.package = packages(pu.package);
        pu.l3 = l3s(pu.l3);
        if (pu.core < 0) {
            pu.core = core_count++;
        } else if (const auto [core, is_new] = cores.try_emplace(pu.core, core_count); is_new) {
            pu.core = core_count++;
        } else {
            pu.core = core->second;
        }
        siblings[pu.core].push_back(&pu);
    }
    for (auto& [core, its_pus] : siblings) {
        std::ranges::stable_sort(its_pus, std::greater{}, &Pu::kind);
        for (std::size_t rank = 0; rank < its_pus.size(); ++rank) {
            its_pus[rank]->smt_rank = static_cast<int>(rank);
        }
    }
}

/// Copies a loaded machine; with `allowed`, only these CPUs of it.
Topology copy(hwloc_topology_t machine, const std::vector<int>* allowed = nullptr) {
    const auto refused = [&](int cpu) {
        return allowed != nullptr && !std::ranges::binary_search(*allowed, cpu);
    };
    auto nodes = read_numa_nodes(machine);
    auto pus = read_pus(machine, nodes);
    std::erase_if(pus, [&](const Pu& pu) { return refused(pu.os_index); });
    // A record may give a node CPUs that it has no PU for.
    std::set<int> usable;
    std::ranges::transform(pus, std::inserter(usable, usable.end()), &Pu::os_index);
    for (auto& node : nodes) {
        std::erase_if(node.cpus, [&](int cpu) { return !usable.contains(cpu); });
    }
    renumber(pus);
    return Topology(std::move(pus), std::move(nodes));
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string text(std::size_t{1} << 16U, '\0');
    std::size_t size = 0;
    while (stream.read(text.data() + size, static_cast<std::streamsize>(text.size() - size))) {
        size = text.size();
        if (size > max_xml_bytes) {
            throw std::invalid_argument("is larger than 64 MiB");
        }
        text.resize(2 * size);
    }
    size += static_cast<std::size_t>(stream.gcount());
    if (size == 0) {
        throw std::invalid_argument("cannot be read or is empty");
    }
    text.resize(size);
    return text;
}

}  // namespace

Topology Topology::this_machine() {
    const auto machine = new_machine();
    skip_cpuid(machine.get());
    // A node without memory, or outside the cpuset's mems, is "disallowed"; its CPUs may be usable.
    constexpr unsigned long flags = HWLOC_TOPOLOGY_FLAG_IS_THISSYSTEM |
                                    HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED |
                                    HWLOC_TOPOLOGY_FLAG_RESTRICT_TO_CPUBINDING;
    if (hwloc_topology_set_flags(machine.get(), flags) != 0 || !load(machine.get())) {
        throw std::runtime_error("hwloc cannot read this machine's topology");
    }
    // The flag alone is not enough: hwloc drops it when the threads of a program are bound
    // differently. What counts is the thread that asks.
    const auto allowed = bound_cpus();
    try {
        return copy(machine.get(), &allowed);
    } catch (const std::invalid_argument& error) {
        throw std::runtime_error("this machine's topology is of no use: " +
                                 std::string(error.what()));
    }
}

Topology Topology::from_xml(const std::filesystem::path& file) {
    try {
        const auto text = read_file(file);
        check_machine_record(text);
        const auto machine = new_machine();
        if (hwloc_topology_set_xmlbuffer(machine.get(), text.c_str(),
                                         static_cast<int>(text.size() + 1)) != 0 ||
            !load(machine.get())) {
            throw std::invalid_argument("is a machine that hwloc refuses");
        }
        return copy(machine.get());
    } catch (const std::invalid_argument& error) {
        throw std::invalid_argument("topology file '" + file.string() + "': " + error.what());
    }
}

Topology Topology::synthetic(const std::string& description) {
    // hwloc, and whoever reads an exception, stop there.
    if (const std::string read = description.c_str(); read.size() != description.size()) {
        throw std::invalid_argument("synthetic topology '" + read + "' goes on behind a NUL");
    }
    try {
        check_synthetic_size(description);
        const auto machine = new_machine();
        if (hwloc_topology_set_synthetic(machine.get(), description.c_str()) != 0 ||
            !load(machine.get())) {
            throw std::invalid_argument("hwloc does not understand it");
        }
        return copy(machine.get());
    } catch (const std::invalid_argument& error) {
        throw std::invalid_argument("synthetic topology '" + description + "': " + error.what());
    }
}

std::string this_machine_xml() {
    const auto machine = new_machine();
    skip_cpuid(machine.get());
    char* xml = nullptr;
    int bytes = 0;
    if (hwloc_topology_load(machine.get()) != 0 ||
        hwloc_topology_export_xmlbuffer(machine.get(), &xml, &bytes, 0) != 0) {
        throw std::runtime_error("hwloc cannot read this machine's topology");
    }
    const auto give_back = [&](char* text) { hwloc_free_xmlbuffer(machine.get(), text); };
    const std::unique_ptr<char, decltype(give_back)> text(xml, give_back);
    return text.get();
}

}  // namespace pinfold::affinity

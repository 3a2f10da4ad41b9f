#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <pinfold/affinity/cpu_list.hpp>
#include <set>
#include <string>
#include <vector>

namespace pinfold::testing {

// The machine as Linux tells it. The library asks hwloc, so that this is another witness.

inline const std::filesystem::path system_devices = "/sys/devices/system";

inline std::string line_of(const std::filesystem::path& file) {
    std::ifstream in(file);
    std::string line;
    std::getline(in, line);
    return line;
}

inline std::filesystem::path cpu_folder(int cpu) {
    return system_devices / "cpu" / ("cpu" + std::to_string(cpu));
}

inline std::filesystem::path node_folder(int node) {
    return system_devices / "node" / ("node" + std::to_string(node));
}

inline std::vector<int> cpus_on_line() {
    return affinity::parse_cpu_list(line_of(system_devices / "cpu/online"));
}

inline std::vector<int> cpus_of_node(int node) {
    const std::string list = line_of(node_folder(node) / "cpulist");
    return list.empty() ? std::vector<int>{} : affinity::parse_cpu_list(list);
}

/// The node of each CPU that is on-line.
inline std::map<int, int> nodes_of_cpus() {
    std::map<int, int> nodes;
    for (const int node : affinity::parse_cpu_list(line_of(system_devices / "node/online"))) {
        for (const int cpu : cpus_of_node(node)) {
            nodes[cpu] = node;
        }
    }
    return nodes;
}

/// The nodes with memory that are nearest to a node's CPUs: itself, unless it has none.
inline std::set<int> memory_nearest_to(int node) {
    const auto all = affinity::parse_cpu_list(line_of(system_devices / "node/online"));
    const auto with_memory = affinity::parse_cpu_list(line_of(system_devices / "node/has_memory"));
    std::ifstream distances(node_folder(node) / "distance");
    std::set<int> nearest;
    int least = 0;
    for (const int other : all) {
        int distance = 0;
        distances >> distance;
        if (std::ranges::find(with_memory, other) == with_memory.end() ||
            (!nearest.empty() && distance > least)) {
            continue;
        }
        if (nearest.empty() || distance < least) {
            nearest.clear();
            least = distance;
        }
        nearest.insert(other);
    }
    return nearest;
}

/// What the CPUs of one core have in common, and no other's.
inline std::string core_of(int cpu) {
    return line_of(cpu_folder(cpu) / "topology/thread_siblings_list");
}

/// Writes a file of the kernel's. Returns whether the kernel did what it says.
inline bool order(const std::filesystem::path& file, const std::string& text) {
    std::ofstream out(file);
    out << text << std::flush;
    return out.good();
}

}  // namespace pinfold::testing

#pragma once

#include <cstdint>
#include <filesystem>
#include <pinfold/api.hpp>
#include <span>
#include <string>
#include <vector>

namespace pinfold::affinity {

/// A processing unit (PU): what Linux calls a CPU, one hardware thread of a core.
///
/// os_index and numa_node are the system's numbers. The other indices count the machine's parts
/// from 0, in order of locality. -1 means that the machine does not tell.
struct Pu {
    int os_index = 0;    ///< the CPU number of sched_setaffinity
    int core = 0;        ///< physical core; a PU without a known core is a core of its own
    int package = -1;    ///< socket
    int l3 = -1;         ///< last-level cache that the core shares with its neighbours
    int numa_node = -1;  ///< the system's number of the nearest node with memory
    int smt_rank = 0;    ///< 0 for the PU of a core to use first, 1 for its SMT sibling, and so on
    int kind = 0;        ///< kind of core: 0 saves the most energy, a higher kind is faster

    friend bool operator==(const Pu&, const Pu&) = default;
};

/// A NUMA node: a bank of memory and the CPUs near it.
struct NumaNode {
    int os_index = 0;         ///< the node number of mbind
    std::uint64_t bytes = 0;  ///< its memory; 0 when not known, or outside the cpuset's mems
    std::vector<int> cpus{};  ///< CPU numbers, ascending; empty for a node that is only memory

    /// How far its CPUs are from each node of Topology::numa_nodes(), in their order, as the
    /// firmware says: 10 is near, 20 takes twice as long. Empty when not known.
    std::vector<std::uint64_t> distances{};

    /// How much its CPUs read from each of these nodes, in MiB/s; 0 where it is not known. Empty
    /// when none is.
    std::vector<std::uint64_t> bandwidths{};

    friend bool operator==(const NumaNode&, const NumaNode&) = default;
};

/// The CPUs of a machine that may be used and how they share cores, caches and memory.
///
/// A plain value, so what place() decides can be tested for a machine that is not at hand.
///
///     const auto machine = pinfold::affinity::Topology::synthetic("pack:2 core:4 pu:2");
///     assert(machine.pus().size() == 16);
///
/// Thread-safety: const members from any thread; making several at the same time is safe too.
class PINFOLD_API Topology {
  public:
    /// This machine as the calling thread may use it: its affinity mask within the cpuset of its
    /// cgroup. hwloc's own environment variables (HWLOC_XMLFILE and others) are honoured.
    ///
    /// Run time: about 1 ms on a small machine, tens of milliseconds with hundreds of CPUs.
    /// Throws std::runtime_error when the machine cannot be read or no CPU is left.
    [[nodiscard]] static Topology this_machine();

    /// A machine recorded by `lstopo file.xml` (hwloc 2 format), without the CPUs that the record
    /// says were offline or not allowed. Throws std::invalid_argument that names the file when it
    /// cannot be read, is larger than 64 MiB, or describes no machine.
    [[nodiscard]] static Topology from_xml(const std::filesystem::path& file);

    /// A machine made up from hwloc's synthetic notation, such as "pack:2 l3:2 core:4 pu:2". The
    /// last level is that of PUs. Throws std::invalid_argument that names the description when
    /// hwloc does not understand it or it has more than 8192 CPUs.
    [[nodiscard]] static Topology synthetic(const std::string& description);

    /// A machine of these parts. Throws std::invalid_argument when there is no PU, a PU appears
    /// twice, or a number is outside 0..max_cpu.
    Topology(std::vector<Pu> pus, std::vector<NumaNode> numa_nodes);

    /// All usable PUs in order of locality: the PUs of a core, a cache or a package are neighbours.
    [[nodiscard]] std::span<const Pu> pus() const noexcept { return pus_; }

    /// All NUMA nodes, also those without a usable CPU.
    [[nodiscard]] std::span<const NumaNode> numa_nodes() const noexcept { return numa_nodes_; }

    /// The PU of that CPU number, or nullptr.
    [[nodiscard]] const Pu* find_pu(int os_index) const noexcept;

    /// The NUMA node of that number, or nullptr.
    [[nodiscard]] const NumaNode* find_numa_node(int os_index) const noexcept;

    /// The numbers of all usable CPUs, ascending.
    [[nodiscard]] std::vector<int> cpus() const;

    /// The number of physical cores that have a usable PU.
    [[nodiscard]] int cores() const;

    friend bool operator==(const Topology&, const Topology&) = default;

  private:
    std::vector<Pu> pus_;
    std::vector<NumaNode> numa_nodes_;
};

/// This whole machine as XML in the format of hwloc 2, which Topology::from_xml() and `lstopo
/// --input` read from a file: a record of where something ran. Also what the calling thread may not
/// use is in it, and the host's name.
///
///     assert(pinfold::affinity::this_machine_xml().find("<topology") != std::string::npos);
///
/// Run time: as Topology::this_machine(). Throws std::runtime_error when the machine cannot be
/// read. Thread-safety: any.
[[nodiscard]] PINFOLD_API std::string this_machine_xml();

}  // namespace pinfold::affinity

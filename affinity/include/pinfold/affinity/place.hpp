#pragma once

#include <pinfold/affinity/max_workers.hpp>
#include <pinfold/affinity/pin_policy.hpp>
#include <pinfold/affinity/topology.hpp>
#include <pinfold/api.hpp>
#include <vector>

namespace pinfold::affinity {

/// Where one worker runs. Numbers are those of Pu; -1 means not bound, or not known.
struct Placement {
    int cpu = -1;
    int core = -1;
    int l3 = -1;
    int package = -1;
    int numa_node = -1;

    friend bool operator==(const Placement&, const Placement&) = default;
};

/// Decides where each worker runs; nothing is bound yet. The placement of worker w has index w.
///
/// A pure function: equal arguments give equal placements. When there are more workers than CPUs,
/// it starts again with the first CPU, so the CPUs' numbers of workers differ by at most one. The
/// first n placements do not depend on how many workers follow.
///
///     using namespace pinfold::affinity;
///     const auto placements =
///         place(Topology::synthetic("pack:2 core:2 pu:2"), parse_pin_policy("cores"), 3);
///     assert(placements[1].cpu == 4);  // after CPU 0: the other package
///     assert(placements[2].cpu == 2);  // and no two workers on one core
///
/// Run time: O(CPUs * L3 caches).
/// Throws std::invalid_argument that names the value and the limit for `workers` outside
/// 1..max_workers, a listed CPU that the machine does not have, a NUMA node that it does not have
/// or that has no usable CPU, and a NUMA node beside a policy that takes none.
[[nodiscard]] PINFOLD_API std::vector<Placement> place(const Topology& topology,
                                                       const PinPolicy& policy, int workers);

}  // namespace pinfold::affinity

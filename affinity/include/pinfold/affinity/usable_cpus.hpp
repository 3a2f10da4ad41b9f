#pragma once

#include <filesystem>
#include <pinfold/affinity/max_workers.hpp>
#include <pinfold/affinity/pin_policy.hpp>
#include <pinfold/affinity/topology.hpp>
#include <pinfold/api.hpp>
#include <vector>

namespace pinfold::affinity {

/// What the system lets this process use.
struct UsableCpus {
    std::vector<int> cpus;  ///< CPU numbers, ascending
    double quota_cpus = 0;  ///< CPU time per second that the cgroups grant, in CPUs; 0 is no limit
};

/// The CPUs of `topology`, and the CPU quota of this process's cgroups.
///
/// The quota is the smallest of the process's own cgroup and all its visible ancestors, in cgroup
/// v2 (cpu.max) and v1 (cpu.cfs_quota_us). A file that is missing or makes no sense sets no limit.
/// It is read at each call, since a container's quota may change. `root` stands for "/", for tests.
[[nodiscard]] PINFOLD_API UsableCpus usable_cpus(const Topology& topology,
                                                 const std::filesystem::path& root = "/");

/// The number of workers that suits the machine under a policy: one per CPU that the policy lists,
/// else one per usable physical core, of the policy's NUMA node if it names one. It is at most the
/// quota rounded up, at least 1 and at most max_workers. place() checks whether the policy fits the
/// machine. A pure function.
[[nodiscard]] PINFOLD_API int default_workers(const Topology& topology, const UsableCpus& usable,
                                              const PinPolicy& policy = {});

}  // namespace pinfold::affinity

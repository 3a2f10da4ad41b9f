#pragma once

#include <filesystem>
#include <pinfold/affinity/max_workers.hpp>
#include <pinfold/affinity/pin_policy.hpp>
#include <pinfold/affinity/topology.hpp>
#include <vector>

namespace pinfold::affinity {

/// What the system lets this process use.
struct UsableCpus {
    std::vector<int> cpus;  ///< CPU numbers, ascending
    double quota_cpus = 0;  ///< CPU time a second that the cgroups grant, in CPUs; 0 is no limit
};

/// The CPUs of `topology` and the CPU quota of this process's cgroups.
///
/// The quota is the smallest of all ancestors, read from cgroup v2 (cpu.max) and v1
/// (cpu.cfs_quota_us) below `root`: root/proc/self/cgroup and root/proc/self/mountinfo say where.
/// Files that are missing or make no sense set no limit. It is read at the call: a container's
/// quota may change later.
[[nodiscard]] UsableCpus usable_cpus(const Topology& topology,
                                     const std::filesystem::path& root = "/");

/// How many workers suit the machine under a policy: one for each usable physical core, of the
/// policy's NUMA node if it names one, or one for each CPU that the policy lists; at most the quota
/// rounded up, at least 1 and at most max_workers. The environment variable PINFOLD_WORKERS, when
/// set and not empty, is the answer instead. Whether the policy fits the machine is for place() to
/// say.
///
/// Throws std::invalid_argument that names a PINFOLD_WORKERS outside 1..max_workers.
/// Thread-safety: not beside setenv().
[[nodiscard]] int default_workers(const Topology& topology, const UsableCpus& usable,
                                  const PinPolicy& policy = {});

}  // namespace pinfold::affinity

#pragma once

#include <filesystem>

namespace pinfold::affinity {

/// CPU time a second that the cgroups of this process and all their visible ancestors grant, in
/// CPUs: the smallest of them, or 0 when none sets a limit. `root` stands for "/".
[[nodiscard]] double cgroup_cpu_quota(const std::filesystem::path& root);

}  // namespace pinfold::affinity

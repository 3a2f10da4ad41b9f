#pragma once

#include <filesystem>

namespace pinfold::affinity {

/// CPU time per second that the cgroups of this process grant, in CPUs: the smallest quota of its
/// own group and all visible ancestors, or 0 when none sets a limit. `root` stands for "/".
[[nodiscard]] double cpu_quota(const std::filesystem::path& root);

}  // namespace pinfold::affinity

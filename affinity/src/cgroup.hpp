#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

namespace pinfold::affinity {

enum class CgroupVersion { v1, v2 };

/// The cgroups of one mounted hierarchy that this process belongs to.
struct CgroupBranch {
    CgroupVersion version = CgroupVersion::v2;
    /// The folder of the process's own group, then that of each visible ancestor. The last one is
    /// the mount point.
    std::vector<std::filesystem::path> folders;
};

/// The branches in which the kernel may hold limits of `controller` ("cpu", "memory"): the v1
/// hierarchy of that controller, the v2 hierarchy, or both on a hybrid machine.
///
/// `root` stands for "/". Files that are missing or make no sense are passed over, and mounts that
/// show other groups than this process's and its ancestors. A process outside of its own cgroup
/// namespace leaves the mount point alone.
[[nodiscard]] std::vector<CgroupBranch> own_cgroups(std::string_view controller,
                                                    const std::filesystem::path& root);

}  // namespace pinfold::affinity

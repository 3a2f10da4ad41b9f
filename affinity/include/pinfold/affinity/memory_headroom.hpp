#pragma once

#include <cstddef>
#include <filesystem>
#include <pinfold/api.hpp>
#include <string>

namespace pinfold::affinity {

/// How much more memory this process may take, and which limit says so.
struct MemoryHeadroom {
    std::size_t bytes = static_cast<std::size_t>(-1);  ///< the largest value when nothing limits
    std::string limit = "no limit";  ///< "MemAvailable of /proc/meminfo" or a cgroup's file
};

/// The least of the machine's MemAvailable and of what each limit of memory leaves, of this
/// process's cgroup and of all that group's visible ancestors, in cgroup v2 and v1.
///
/// File pages that the kernel can drop count as free. v2's memory.high counts as a limit: beyond it
/// the kernel throttles a group almost to a halt. A file that is missing or unreadable sets no
/// limit. Another program may take the memory a moment later.
///
/// `root` is the folder that stands for "/": tests lay out a proc and a sys below it.
///
/// Run time: about 0.1 ms, a dozen small files. Thread-safety: any.
[[nodiscard]] PINFOLD_API MemoryHeadroom memory_headroom(const std::filesystem::path& root = "/");

}  // namespace pinfold::affinity

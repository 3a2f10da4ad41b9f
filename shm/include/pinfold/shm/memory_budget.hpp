#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace pinfold::shm {

/// How much more memory this process may take, and which limit says so.
struct MemoryHeadroom {
    std::size_t bytes = static_cast<std::size_t>(-1);  ///< the largest value when nothing limits
    std::string limit = "no limit";  ///< "MemAvailable of /proc/meminfo" or a cgroup's file
};

/// The least of the machine's MemAvailable and of what is left below the limits of the caller's
/// memory cgroup and all of that group's ancestors, of versions 1 and 2. File pages that the kernel
/// can drop count as free. v2's memory.high counts as a limit: beyond it a group is throttled
/// almost to a halt.
///
/// `root` is the folder that stands for "/": tests lay out a proc and a sys below it. A file that
/// is missing or unreadable sets no limit. Other programs may take the memory a moment later.
///
/// Run time: about 0.1 ms, a dozen small files. Thread-safety: any.
[[nodiscard]] MemoryHeadroom memory_headroom(const std::filesystem::path& root = "/");

}  // namespace pinfold::shm

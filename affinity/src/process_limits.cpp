#include <sys/resource.h>

#include <cstdint>
#include <fstream>
#include <locale>
#include <optional>
#include <pinfold/affinity/process_limits.hpp>

#include "cgroup.hpp"

namespace pinfold::affinity {
namespace fs = std::filesystem;
namespace {

/// The number in a file; nothing for "max", or when there is no such file.
std::optional<std::uint64_t> read_number(const fs::path& file) {
    std::ifstream in(file);
    in.imbue(std::locale::classic());
    std::uint64_t value = 0;
    return in >> value ? std::optional(value) : std::nullopt;
}

/// The folder's limit, if so few more may start that one was refused.
std::string reached_limit(const fs::path& folder) {
    const auto most = read_number(folder / "pids.max");
    const auto now = read_number(folder / "pids.current");
    if (!most || !now || *now + 1 < *most) {
        return "";
    }
    return (folder / "pids.max").string() + " allows " + std::to_string(*most) +
           " processes and threads, and there are " + std::to_string(*now);
}

}  // namespace

std::string process_limits(const fs::path& root) {
    for (const CgroupBranch& branch : own_cgroups("pids", root)) {
        for (const fs::path& folder : branch.folders) {
            if (std::string limit = reached_limit(folder); !limit.empty()) {
                return limit;
            }
        }
    }
    rlimit limit{};
    if (getrlimit(RLIMIT_NPROC, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
        return "ulimit -u allows this user " + std::to_string(limit.rlim_cur) +
               " processes and threads";
    }
    return "the system has no more processes or memory: see kernel.threads-max and kernel.pid_max";
}

}  // namespace pinfold::affinity

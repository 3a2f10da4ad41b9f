// Where the limits are. /proc/self/cgroup names the caller's group in each hierarchy,
// /proc/self/mountinfo says where the hierarchies are mounted and which group is the mount's root:
//
//     proc/self/cgroup       4:memory:/docker/c0ffee/job
//     proc/self/mountinfo    35 31 0:32 /docker/c0ffee /sys/fs/cgroup/memory rw - cgroup cgroup
//     rw,memory the group's folder     /sys/fs/cgroup/memory/job, its visible ancestor
//     /sys/fs/cgroup/memory
//
// Version 2 has the type cgroup2, one hierarchy for all controllers, and the number 0 in the
// former.

#include <pinfold/shm/memory_budget.hpp>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>
#include <optional>
#include <sstream>
#include <string_view>
#include <vector>

namespace pinfold::shm {
namespace {

namespace fs = std::filesystem;

/// The file names and keys of one cgroup version.
struct Version {
    std::vector<const char*> limits;
    const char* usage;
    const char* inactive_file;
    const char* active_file;
};

const Version version_1{
    {"memory.limit_in_bytes"}, "memory.usage_in_bytes", "total_inactive_file", "total_active_file"};
const Version version_2{
    {"memory.max", "memory.high"}, "memory.current", "inactive_file", "active_file"};

// Version 1 has no word for "no limit": it shows the largest multiple of a page below 2^63.
constexpr std::size_t no_limit_from = std::size_t{1} << 62;

struct Mount {
    bool is_version_2 = false;
    std::string root;   // the group that the mount point shows
    std::string point;  // where
};

std::optional<std::size_t> parse_size(std::string_view text) {
    std::size_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    return parsed.ec == std::errc() ? std::optional(value) : std::nullopt;
}

/// The file's first word as a number; nothing for "max", or when there is no such file.
std::optional<std::size_t> read_size(const fs::path& file) {
    std::ifstream in(file);
    std::string word;
    in >> word;
    return parse_size(word);
}

/// The number behind `key` in a file of "key value" lines.
std::optional<std::size_t> read_entry(const fs::path& file, std::string_view key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const std::size_t value = line.find_first_not_of(' ', key.size());
        if (line.starts_with(key) && value > key.size() && value != std::string::npos) {
            return parse_size(std::string_view(line).substr(value));
        }
    }
    return std::nullopt;
}

bool has_item(const std::string& list, std::string_view wanted) {
    std::istringstream items(list);
    for (std::string item; std::getline(items, item, ',');) {
        if (item == wanted) {
            return true;
        }
    }
    return false;
}

/// mountinfo writes blanks and backslashes as \ and three octal digits.
std::string unescape(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        unsigned code = 0;
        const char* const digits = text.data() + i + 1;
        if (text[i] == '\\' && i + 3 < text.size() &&
            std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3) {
            plain += static_cast<char>(code);
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

/// The mount of a hierarchy that may limit memory, from one line of mountinfo.
std::optional<Mount> memory_mount(const std::string& line) {
    const std::size_t dash = line.find(" - cgroup");
    if (dash == std::string::npos) {
        return std::nullopt;
    }
    std::istringstream before(line);
    std::istringstream after(line.substr(dash + 3));
    std::string skipped;
    Mount mount;
    before >> skipped >> skipped >> skipped >> mount.root >> mount.point;
    std::string type;
    std::string options;
    after >> type >> skipped >> options;
    mount.is_version_2 = type == "cgroup2";
    if (!mount.is_version_2 && !(type == "cgroup" && has_item(options, "memory"))) {
        return std::nullopt;
    }
    mount.root = unescape(mount.root);
    mount.point = unescape(mount.point);
    return mount;
}

/// The caller's group in the hierarchy of `mount`, as /proc/self/cgroup names it.
std::optional<std::string> own_group(const fs::path& root, const Mount& mount) {
    std::ifstream in(root / "proc/self/cgroup");
    for (std::string line; std::getline(in, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) {
            continue;
        }
        const std::string controllers = line.substr(first + 1, second - first - 1);
        if (mount.is_version_2 ? line.starts_with("0::") : has_item(controllers, "memory")) {
            return line.substr(second + 1);
        }
    }
    return std::nullopt;
}

/// The group's path below the mount point. A group outside the mount's root (a namespace hides the
/// way to it) is answered by the mount point itself.
std::string below_mount(const std::string& group, const std::string& mount_root) {
    std::string below = group;
    if (mount_root != "/") {
        const bool inside = group == mount_root || group.starts_with(mount_root + "/");
        below = inside ? group.substr(mount_root.size()) : "";
    }
    return below.find("/..") == std::string::npos ? below : "";
}

fs::path under(const fs::path& root, const std::string& absolute) {
    return root / fs::path(absolute).relative_path();
}

void lower(MemoryHeadroom& headroom, std::size_t bytes, std::string limit) {
    if (bytes < headroom.bytes) {
        headroom = {bytes, std::move(limit)};
    }
}

/// The bytes of file pages in a group that the kernel can drop. What MemAvailable does: old ones
/// are given up freely, and of those in use a half.
std::size_t droppable_bytes(const fs::path& folder, const Version& version) {
    const fs::path stat = folder / "memory.stat";
    return read_entry(stat, version.inactive_file).value_or(0) +
           read_entry(stat, version.active_file).value_or(0) / 2;
}

/// Lowers `headroom` to what one limit of a group leaves. Reads no more files than it must: most
/// groups have no limit, and memory.stat matters only when the others' numbers are too low.
void apply_limit(MemoryHeadroom& headroom, const fs::path& folder, const Version& version,
                 const char* name) {
    const std::optional<std::size_t> limit = read_size(folder / name);
    if (!limit || *limit >= no_limit_from) {
        return;
    }
    const std::optional<std::size_t> usage = read_size(folder / version.usage);
    if (!usage || (*usage <= *limit && *limit - *usage >= headroom.bytes)) {
        return;
    }
    const std::size_t taken = *usage - std::min(*usage, droppable_bytes(folder, version));
    lower(headroom, *limit - std::min(*limit, taken), (folder / name).string());
}

void apply_group(MemoryHeadroom& headroom, const fs::path& folder, const Version& version) {
    for (const char* const name : version.limits) {
        apply_limit(headroom, folder, version, name);
    }
}

void apply_hierarchy(MemoryHeadroom& headroom, const fs::path& root, const Mount& mount) {
    const std::optional<std::string> group = own_group(root, mount);
    if (!group) {
        return;
    }
    const Version& version = mount.is_version_2 ? version_2 : version_1;
    const fs::path top = under(root, mount.point);
    fs::path below = fs::path(below_mount(*group, mount.root)).relative_path();
    while (!below.empty()) {
        apply_group(headroom, top / below, version);
        below = below.parent_path();
    }
    apply_group(headroom, top, version);
}

}  // namespace

MemoryHeadroom memory_headroom(const fs::path& root) {
    MemoryHeadroom headroom;
    if (const auto kibibytes = read_entry(root / "proc/meminfo", "MemAvailable:")) {
        lower(headroom, *kibibytes * 1024, "MemAvailable of /proc/meminfo");
    }
    std::ifstream mounts(root / "proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        if (const std::optional<Mount> mount = memory_mount(line)) {
            apply_hierarchy(headroom, root, *mount);
        }
    }
    return headroom;
}

}  // namespace pinfold::shm

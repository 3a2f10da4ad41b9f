// Two files tell where a process's limits stand:
//
//   /proc/self/cgroup     4:cpu,cpuacct:/docker/abc/job   v1: hierarchy, controllers, path
//                         0::/user.slice/x.scope          v2: one hierarchy, no controllers
//   /proc/self/mountinfo  35 24 0:30 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
//                                    mount's root  where it is mounted   type
//
// A group's folder is the mount point plus what the group's path has beyond the mount's root: in a
// container the mount often begins at the container's own group. Here that is
// /sys/fs/cgroup/cpu/job, and its one visible ancestor is /sys/fs/cgroup/cpu. Each of the folders
// may hold limits of its own.
//
// A mount may also show groups that this process has nothing to do with, since a folder of the
// hierarchy can be bind-mounted anywhere. So only a mount whose root is this process's group or an
// ancestor of it counts.

#include "cgroup.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <istream>
#include <iterator>
#include <string>

namespace pinfold::affinity {
namespace fs = std::filesystem;
namespace {

/// A mounted hierarchy.
struct Mount {
    CgroupVersion version = CgroupVersion::v2;
    std::string root;  ///< the group that the mount point shows
    fs::path point;
};

/// A line of /proc/self/cgroup.
struct Membership {
    std::string controllers;
    std::string group;
};

/// Whether a comma-separated list has this name.
bool has_name(std::string_view list, std::string_view name) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        if (list.substr(0, comma) == name) {
            return true;
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    return false;
}

/// Undoes the \ooo escapes that mountinfo writes for blanks and backslashes.
std::string unescape(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        unsigned code = 0;
        const char* const digits = text.data() + at + 1;
        if (text[at] == '\\' && text.size() - at > 3 &&
            std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3) {
            plain += static_cast<char>(code);
            at += 3;
        } else {
            plain += text[at];
        }
    }
    return plain;
}

std::vector<std::string_view> words_of(std::string_view line) {
    std::vector<std::string_view> words;
    while (true) {
        const std::size_t begin = line.find_first_not_of(' ');
        if (begin == std::string_view::npos) {
            return words;
        }
        line.remove_prefix(begin);
        const std::size_t end = std::min(line.find(' '), line.size());
        words.push_back(line.substr(0, end));
        line.remove_prefix(end);
    }
}

/// Whether `path` is `folder` or lies below it, by their names alone.
bool is_within(const fs::path& path, const fs::path& folder) {
    const auto [in_folder, in_path] = std::ranges::mismatch(folder, path);
    return in_folder == folder.end() ||
           (in_folder->empty() && std::next(in_folder) == folder.end());
}

/// The hierarchies that mountinfo tells of. A later mount hides what stood at its point and below.
std::vector<Mount> read_mounts(std::istream& mountinfo, std::string_view controller,
                               const fs::path& root) {
    std::vector<Mount> mounts;
    for (std::string line; std::getline(mountinfo, line);) {
        if (mounts.empty() && line.find(" - cgroup") == std::string::npos) {
            continue;  // most lines, cheaply
        }
        // Optional fields end with "-"; type, source and options follow it.
        const auto words = words_of(line);
        const auto dash = std::find(words.begin(), words.end(), "-");
        if (dash - words.begin() < 5 || words.end() - dash < 4) {
            continue;
        }
        const fs::path point = root / fs::path(unescape(words[4])).relative_path();
        std::erase_if(mounts, [&](const Mount& mount) { return is_within(mount.point, point); });
        const bool v1 = dash[1] == "cgroup" && has_name(dash[3], controller);
        if (v1 || dash[1] == "cgroup2") {
            mounts.push_back(
                {v1 ? CgroupVersion::v1 : CgroupVersion::v2, unescape(words[3]), point});
        }
    }
    return mounts;
}

/// Where hierarchies stand when mountinfo cannot be read.
std::vector<Mount> usual_mounts(std::string_view controller, const fs::path& root) {
    const fs::path base = root / "sys/fs/cgroup";
    std::vector<Mount> mounts{{CgroupVersion::v2, "/", base},
                              {CgroupVersion::v2, "/", base / "unified"},
                              {CgroupVersion::v1, "/", base / controller}};
    if (controller == "cpu") {
        mounts.push_back({CgroupVersion::v1, "/", base / "cpu,cpuacct"});
    }
    return mounts;
}

std::vector<Membership> read_memberships(const fs::path& root) {
    std::vector<Membership> memberships;
    std::ifstream file(root / "proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first != std::string::npos && second != std::string::npos) {
            memberships.push_back(
                {line.substr(first + 1, second - first - 1), line.substr(second + 1)});
        }
    }
    return memberships;
}

/// This process's group in a hierarchy; "/" when it is not told.
std::string own_group(const std::vector<Membership>& memberships, CgroupVersion version,
                      std::string_view controller) {
    const auto found = std::ranges::find_if(memberships, [&](const Membership& line) {
        return version == CgroupVersion::v2 ? line.controllers.empty()
                                            : has_name(line.controllers, controller);
    });
    return found != memberships.end() ? found->group : "/";
}

/// The folder of `group` and of each ancestor, the mount point last. A process may be outside of
/// its own cgroup namespace ("/../x"): then the mount point alone is left.
std::vector<fs::path> folders_of(const Mount& mount, const std::string& group) {
    std::vector<fs::path> folders{mount.point};
    const fs::path below = fs::path(group).lexically_relative(mount.root);
    const bool outside =
        std::ranges::any_of(below, [](const fs::path& part) { return part == ".."; });
    if (!outside) {
        for (const fs::path& part : below) {
            if (part != "." && !part.empty()) {
                folders.push_back(folders.back() / part);
            }
        }
    }
    std::ranges::reverse(folders);
    return folders;
}

}  // namespace

std::vector<CgroupBranch> own_cgroups(std::string_view controller, const fs::path& root) {
    std::ifstream mountinfo(root / "proc/self/mountinfo");
    const std::vector<Mount> mounts =
        mountinfo ? read_mounts(mountinfo, controller, root) : usual_mounts(controller, root);
    const std::vector<Membership> memberships = read_memberships(root);
    std::vector<CgroupBranch> branches;
    for (const Mount& mount : mounts) {
        const std::string group = own_group(memberships, mount.version, controller);
        if (is_within(group, mount.root)) {  // else it shows groups of others
            branches.push_back({mount.version, folders_of(mount, group)});
        }
    }
    return branches;
}

}  // namespace pinfold::affinity

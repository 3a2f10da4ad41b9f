// Where a process's quota stands:
//
//   /proc/self/cgroup     4:cpu,cpuacct:/docker/abc      v1: hierarchy, controllers, path
//                         0::/user.slice/x.scope         v2: one hierarchy, no controllers
//   /proc/self/mountinfo  35 24 0:30 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu
//                                     mount's root  where it is mounted   type
//
// The directory is the mount point plus what the cgroup's path has beyond the mount's root: in a
// container the mount often begins at the container's own cgroup. From there up to the mount point,
// every directory may hold a limit of its own and the smallest one counts.

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "cgroup_quota.hpp"

namespace pinfold::affinity {
namespace fs = std::filesystem;
namespace {

enum class Version { v1, v2 };

/// A mounted hierarchy that can hold CPU quotas.
struct Mount {
    Version version = Version::v2;
    std::string root;   ///< the cgroup that the mount point shows
    fs::path position;  ///< the mount point
};

/// Field `name` of a comma-separated list.
bool lists(std::string_view list, std::string_view name) {
    const std::string padded = "," + std::string(list) + ",";
    return padded.find("," + std::string(name) + ",") != std::string::npos;
}

/// Undoes the \ooo escapes that mountinfo writes for blanks and backslashes.
std::string unescape(std::string_view text) {
    std::string plain;
    for (std::size_t at = 0; at < text.size(); ++at) {
        int code = 0;
        const char* digits = text.data() + at + 1;
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

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) {
        words.push_back(word);
    }
    return words;
}

std::vector<Mount> read_mounts(const fs::path& root) {
    std::vector<Mount> mounts;
    std::ifstream file(root / "proc/self/mountinfo");
    for (std::string line; std::getline(file, line);) {
        // Optional fields end with "-"; type, source and options follow it.
        const auto words = words_of(line);
        const auto dash = std::find(words.begin(), words.end(), "-");
        if (dash - words.begin() < 5 || words.end() - dash < 4) {
            continue;
        }
        const bool v1 = dash[1] == "cgroup" && lists(dash[3], "cpu");
        if (v1 || dash[1] == "cgroup2") {
            mounts.push_back({v1 ? Version::v1 : Version::v2, unescape(words[3]),
                              root / fs::path(unescape(words[4])).relative_path()});
        }
    }
    return mounts;
}

/// Where hierarchies stand when mountinfo cannot be read.
std::vector<Mount> usual_mounts(const fs::path& root) {
    const auto base = root / "sys/fs/cgroup";
    return {{Version::v2, "/", base},
            {Version::v2, "/", base / "unified"},
            {Version::v1, "/", base / "cpu"},
            {Version::v1, "/", base / "cpu,cpuacct"}};
}

/// This process's cgroup in a hierarchy; "/" when it is not told.
std::string own_cgroup(const fs::path& root, Version version) {
    std::ifstream file(root / "proc/self/cgroup");
    for (std::string line; std::getline(file, line);) {
        const auto first = line.find(':');
        const auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) {
            continue;
        }
        const auto controllers = line.substr(first + 1, second - first - 1);
        if (version == Version::v2 ? controllers.empty() : lists(controllers, "cpu")) {
            return line.substr(second + 1);
        }
    }
    return "/";
}

/// `cgroup` as seen from the mount's root, or "" when it lies outside of what the mount shows.
fs::path below(const std::string& mount_root, const std::string& cgroup) {
    const auto relative = fs::path(cgroup).lexically_relative(mount_root);
    const bool outside = relative.empty() || relative.begin()->string() == "..";
    return outside || relative == "." ? fs::path() : relative;
}

/// quota / period, or 0 for no limit.
double ratio(const std::string& quota, const std::string& period) {
    const auto number = [](const std::string& text) {
        long long value = 0;
        const auto end = text.data() + text.size();
        const bool whole = std::from_chars(text.data(), end, value).ptr == end;
        return whole && value > 0 ? static_cast<double>(value) : 0.0;
    };
    const double of_period = number(period);
    return of_period > 0 ? number(quota) / of_period : 0;
}

std::string first_line(const fs::path& file) {
    std::ifstream stream(file);
    std::string line;
    std::getline(stream, line);
    return line;
}

double directory_quota(const fs::path& directory, Version version) {
    if (version == Version::v1) {
        return ratio(first_line(directory / "cpu.cfs_quota_us"),
                     first_line(directory / "cpu.cfs_period_us"));
    }
    const auto words = words_of(first_line(directory / "cpu.max"));
    return words.size() == 2 ? ratio(words[0], words[1]) : 0;
}

/// The smaller of two limits, of which 0 is none.
double tighter(double a, double b) {
    return a > 0 && (b == 0 || a < b) ? a : b;
}

double mount_quota(const Mount& mount, const std::string& cgroup) {
    auto directory = mount.position;
    double quota = directory_quota(directory, mount.version);
    for (const auto& part : below(mount.root, cgroup)) {
        directory /= part;
        quota = tighter(quota, directory_quota(directory, mount.version));
    }
    return quota;
}

}  // namespace

double cgroup_cpu_quota(const fs::path& root) {
    auto mounts = read_mounts(root);
    if (mounts.empty()) {
        mounts = usual_mounts(root);
    }
    double quota = 0;
    for (const auto& mount : mounts) {
        quota = tighter(quota, mount_quota(mount, own_cgroup(root, mount.version)));
    }
    return quota;
}

}  // namespace pinfold::affinity

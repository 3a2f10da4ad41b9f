#include <algorithm>
#include <charconv>
#include <fstream>
#include <optional>
#include <pinfold/affinity/memory_headroom.hpp>
#include <string_view>
#include <vector>

#include "cgroup.hpp"

namespace pinfold::affinity {
namespace fs = std::filesystem;
namespace {

/// The file names and keys of one cgroup version.
struct Names {
    std::vector<const char*> limits;
    const char* usage;
    const char* inactive_file;
    const char* active_file;
};

const Names names_v1{
    {"memory.limit_in_bytes"}, "memory.usage_in_bytes", "total_inactive_file", "total_active_file"};
const Names names_v2{
    {"memory.max", "memory.high"}, "memory.current", "inactive_file", "active_file"};

// Version 1 has no word for "no limit": it shows the largest multiple of a page below 2^63.
constexpr std::size_t no_limit_from = std::size_t{1} << 62;

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

void lower(MemoryHeadroom& headroom, std::size_t bytes, std::string limit) {
    if (bytes < headroom.bytes) {
        headroom = {bytes, std::move(limit)};
    }
}

/// The bytes of file pages in a group that the kernel can drop. What MemAvailable does: old ones
/// are given up freely, and of those in use a half.
std::size_t droppable_bytes(const fs::path& folder, const Names& names) {
    const fs::path stat = folder / "memory.stat";
    return read_entry(stat, names.inactive_file).value_or(0) +
           read_entry(stat, names.active_file).value_or(0) / 2;
}

/// Lowers `headroom` to what one limit of a group leaves. Reads no more files than it must: most
/// groups have no limit, and memory.stat matters only when the others' numbers are too low.
void apply_limit(MemoryHeadroom& headroom, const fs::path& folder, const Names& names,
                 const char* name) {
    const std::optional<std::size_t> limit = read_size(folder / name);
    if (!limit || *limit >= no_limit_from) {
        return;
    }
    const std::optional<std::size_t> usage = read_size(folder / names.usage);
    if (!usage || (*usage <= *limit && *limit - *usage >= headroom.bytes)) {
        return;
    }
    const std::size_t taken = *usage - std::min(*usage, droppable_bytes(folder, names));
    lower(headroom, *limit - std::min(*limit, taken), (folder / name).string());
}

}  // namespace

MemoryHeadroom memory_headroom(const fs::path& root) {
    MemoryHeadroom headroom;
    if (const auto kibibytes = read_entry(root / "proc/meminfo", "MemAvailable:")) {
        lower(headroom, std::min(*kibibytes, no_limit_from >> 10) << 10,
              "MemAvailable of /proc/meminfo");
    }
    for (const CgroupBranch& branch : own_cgroups("memory", root)) {
        const Names& names = branch.version == CgroupVersion::v2 ? names_v2 : names_v1;
        for (const fs::path& folder : branch.folders) {
            for (const char* const name : names.limits) {
                apply_limit(headroom, folder, names, name);
            }
        }
    }
    return headroom;
}

}  // namespace pinfold::affinity

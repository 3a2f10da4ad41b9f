#include <cstdint>
#include <fstream>
#include <locale>
#include <pinfold/affinity/cpu_throttling.hpp>
#include <string>

#include "cgroup.hpp"

namespace pinfold::affinity {
namespace fs = std::filesystem;
namespace {

/// The name and the unit of the time in a group's cpu.stat.
struct Entry {
    const char* name;
    double seconds;
};

constexpr Entry entry_v1{"throttled_time", 1e-9};
constexpr Entry entry_v2{"throttled_usec", 1e-6};

std::optional<double> folder_throttled(const fs::path& folder, const Entry& entry) {
    std::ifstream in(folder / "cpu.stat");
    in.imbue(std::locale::classic());
    std::string name;
    std::uint64_t value = 0;
    while (in >> name >> value) {
        if (name == entry.name) {
            return static_cast<double>(value) * entry.seconds;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<double> throttled_seconds(const fs::path& root) {
    std::optional<double> sum;
    for (const CgroupBranch& branch : own_cgroups("cpu", root)) {
        const Entry& entry = branch.version == CgroupVersion::v2 ? entry_v2 : entry_v1;
        for (const fs::path& folder : branch.folders) {
            if (const auto seconds = folder_throttled(folder, entry)) {
                sum = sum.value_or(0) + *seconds;
            }
        }
    }
    return sum;
}

}  // namespace pinfold::affinity

#include "cpu_quota.hpp"

#include <charconv>
#include <fstream>
#include <string>

#include "cgroup.hpp"

namespace pinfold::affinity {
namespace fs = std::filesystem;
namespace {

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

std::string first_word(const fs::path& file) {
    std::ifstream in(file);
    std::string word;
    in >> word;
    return word;
}

double folder_quota(const fs::path& folder, CgroupVersion version) {
    if (version == CgroupVersion::v1) {
        return ratio(first_word(folder / "cpu.cfs_quota_us"),
                     first_word(folder / "cpu.cfs_period_us"));
    }
    std::ifstream in(folder / "cpu.max");
    std::string quota;
    std::string period;
    std::string none;
    in >> quota >> period >> none;
    return none.empty() ? ratio(quota, period) : 0;
}

/// The smaller of two limits, of which 0 is none.
double tighter(double a, double b) {
    return a > 0 && (b == 0 || a < b) ? a : b;
}

}  // namespace

double cpu_quota(const fs::path& root) {
    double quota = 0;
    for (const CgroupBranch& branch : own_cgroups("cpu", root)) {
        for (const fs::path& folder : branch.folders) {
            quota = tighter(quota, folder_quota(folder, branch.version));
        }
    }
    return quota;
}

}  // namespace pinfold::affinity

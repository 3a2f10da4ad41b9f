#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <pinfold/affinity/place.hpp>
#include <pinfold/affinity/usable_cpus.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "cgroup_quota.hpp"

namespace pinfold::affinity {
namespace {

constexpr const char* workers_variable = "PINFOLD_WORKERS";

int parse_workers(std::string_view text) {
    int workers = 0;
    const auto end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, workers);
    if (error != std::errc{} || stop != end || workers < 1 || workers > max_workers) {
        throw std::invalid_argument(std::string(workers_variable) + "='" + std::string(text) +
                                    "' is not a number of workers in 1.." +
                                    std::to_string(max_workers));
    }
    return workers;
}

}  // namespace

UsableCpus usable_cpus(const Topology& topology, const std::filesystem::path& root) {
    return {.cpus = topology.cpus(), .quota_cpus = cgroup_cpu_quota(root)};
}

int default_workers(const Topology& topology, const UsableCpus& usable) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): the header says so.
    if (const char* text = std::getenv(workers_variable); text != nullptr && *text != '\0') {
        return parse_workers(text);
    }
    std::set<int> cores;
    for (const int cpu : usable.cpus) {
        if (const auto* pu = topology.find_pu(cpu)) {
            cores.insert(pu->core);
        }
    }
    const double limit = usable.quota_cpus > 0 ? std::ceil(usable.quota_cpus) : max_workers;
    const double workers = std::min(static_cast<double>(cores.size()), limit);
    return static_cast<int>(std::clamp(workers, 1.0, static_cast<double>(max_workers)));
}

}  // namespace pinfold::affinity

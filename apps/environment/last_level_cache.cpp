#include "environment/last_level_cache.hpp"

#include <map>
#include <string>

namespace pinfold::apps {

namespace {

struct Cache {
    double level = 0;
    double bytes = 0;
    std::string cpus;  ///< that share it; of caches of one level its name
};

/// The outermost cache that a CPU reaches.
std::optional<Cache> outermost(const MachineFiles& files, const std::string& caches) {
    std::optional<Cache> found;
    for (const std::string& name : files.names_in(caches)) {
        const std::string folder = caches + name + "/";
        const auto level = files.number(folder + "level");
        const auto bytes = cache_bytes(files.line(folder + "size"));
        const auto cpus = files.line(folder + "shared_cpu_list");
        if (level && bytes && cpus && (!found || *level > found->level)) {
            found = {*level, *bytes, *cpus};
        }
    }
    return found;
}

}  // namespace

std::optional<double> cache_bytes(const std::optional<std::string>& text) {
    auto bytes = text ? leading_number(*text) : std::nullopt;
    if (bytes && text->ends_with('K')) {
        *bytes *= 1024;
    } else if (bytes && text->ends_with('M')) {
        *bytes *= 1024 * 1024;
    }
    return bytes;
}

std::optional<double> last_level_cache_bytes(const MachineFiles& files) {
    const std::string cpus = "sys/devices/system/cpu/";
    std::map<std::string, double> bytes_of;
    for (const std::string& name : files.names_in(cpus)) {
        if (const auto cache = outermost(files, cpus + name + "/cache/")) {
            bytes_of[cache->cpus] = cache->bytes;
        }
    }
    double sum = 0;
    for (const auto& [shared_by, bytes] : bytes_of) {
        sum += bytes;
    }
    return bytes_of.empty() ? std::nullopt : std::optional(sum);
}

}  // namespace pinfold::apps

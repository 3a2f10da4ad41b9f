// What the system lets a process of this user take.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <pinfold/affinity/cpu_throttling.hpp>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/affinity/topology.hpp>
#include <pinfold/affinity/usable_cpus.hpp>

#include "environment/facts.hpp"
#include "environment/perf_counters.hpp"

namespace pinfold::apps {

namespace {

struct Limit {
    const char* name;   ///< for people
    const char* title;  ///< of its line in /proc/self/limits
    const char* unit;
};

constexpr std::array limits{
    Limit{"processes of the user", "Max processes", ""},
    Limit{"open files", "Max open files", ""},
    Limit{"locked memory", "Max locked memory", "B"},
    Limit{"address space", "Max address space", "B"},
    Limit{"stack", "Max stack size", "B"},
};

/// A line is its title, then the soft and the hard limit, each a number or "unlimited".
std::optional<std::string> soft_limit(const std::string& text, std::string_view title) {
    const std::size_t at = text.find(title);
    if (at == std::string::npos) {
        return std::nullopt;
    }
    const std::string_view rest = std::string_view(text).substr(at + title.size());
    const auto words = words_of(rest.substr(0, std::min(rest.find('\n'), rest.size())));
    return words.empty() ? std::nullopt : std::optional<std::string>(words.front());
}

void add_limits(Facts& facts, const MachineFiles& files) {
    const std::string text = files.text("proc/self/limits").value_or("");
    for (const Limit& limit : limits) {
        const auto soft = soft_limit(text, limit.title);
        if (soft == "unlimited") {
            facts.add(limit.name, soft);
        } else {
            facts.add(limit.name, soft ? leading_number(*soft) : std::nullopt, limit.unit);
        }
    }
}

/// No limit and no word of it are not the same: the first has a group that is told.
void add_quota(Facts& facts, const MachineFiles& files) {
    const affinity::Topology nothing({affinity::Pu{}}, {});
    const double quota = affinity::usable_cpus(nothing, files.root()).quota_cpus;
    if (quota > 0) {
        facts.add("CPU quota", quota, "CPUs");
    } else {
        facts.add("CPU quota", files.has("proc/self/cgroup") ? std::optional<std::string>("none")
                                                             : std::nullopt);
    }
    facts.add("held back by quotas until now", affinity::throttled_seconds(files.root()), "s");
    const affinity::MemoryHeadroom room = affinity::memory_headroom(files.root());
    const bool is_told = room.bytes != affinity::MemoryHeadroom().bytes;
    const auto bytes = static_cast<double>(room.bytes);
    facts.add("memory to be had", is_told ? std::optional(bytes) : std::nullopt, "B",
              fmt::format("{}, by {}", bytes_text(bytes), room.limit));
}

}  // namespace

std::vector<Fact> limit_facts(const MachineFiles& files) {
    Facts facts("limits");
    add_quota(facts, files);
    facts.add("cpuset", files.entry("proc/self/status", "Cpus_allowed_list"));
    add_limits(facts, files);
    facts.add("perf_event_paranoid", files.number("proc/sys/kernel/perf_event_paranoid"), "");
    facts.add("hardware counters",
              files.root() == "/" ? std::optional(hardware_counters()) : std::nullopt);
    return facts.take();
}

}  // namespace pinfold::apps

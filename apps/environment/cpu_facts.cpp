// What the CPUs are, how quick they may be, and how quick they are.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "environment/facts.hpp"
#include "environment/last_level_cache.hpp"

namespace pinfold::apps {

namespace {

std::string folder_of(int cpu) {
    return fmt::format("sys/devices/system/cpu/cpu{}/", cpu);
}

/// On ARM there is no name, and numbers that tables elsewhere translate.
std::optional<std::string> model(const MachineFiles& files) {
    constexpr const char* cpuinfo = "proc/cpuinfo";
    if (auto name = files.entry(cpuinfo, "model name")) {
        return name;
    }
    const auto implementer = files.entry(cpuinfo, "CPU implementer");
    const auto part = files.entry(cpuinfo, "CPU part");
    if (implementer && part) {
        return "implementer " + *implementer + ", part " + *part;
    }
    return files.line("proc/device-tree/model");
}

/// Those that hold data, of the first CPU that is used.
void add_caches(Facts& facts, const MachineFiles& files, int cpu) {
    const std::string caches = folder_of(cpu) + "cache/";
    bool found = false;
    for (const std::string& name : files.names_in(caches)) {
        const std::string cache = caches + name + "/";
        const auto level = files.number(cache + "level");
        const auto type = files.line(cache + "type");
        if (!level || !type || *type == "Instruction") {
            continue;
        }
        found = true;
        const auto bytes = cache_bytes(files.line(cache + "size"));
        const auto shared = files.line(cache + "shared_cpu_list");
        facts.add(fmt::format("L{:g} cache", *level), bytes, "B",
                  bytes_text(bytes.value_or(0)) + (shared ? ", shared by CPUs " + *shared : ""));
    }
    if (!found) {
        facts.add("caches", std::nullopt);
    }
}

/// The different values of a file of each CPU's folder, such as "performance, powersave".
std::optional<std::string> of_cpus(const MachineFiles& files, const CpusInUse& cpus,
                                   const char* file) {
    std::set<std::string> values;
    for (const int cpu : cpus.cpus) {
        values.insert(files.line(folder_of(cpu) + file).value_or(unknown));
    }
    std::string text;
    for (const std::string& value : values) {
        text += (text.empty() ? "" : ", ") + value;
    }
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<std::string> turbo(const MachineFiles& files) {
    const std::string folder = "sys/devices/system/cpu/";
    if (const auto is_off = files.number(folder + "intel_pstate/no_turbo")) {
        return *is_off == 0 ? "on" : "off";
    }
    if (const auto is_on = files.number(folder + "cpufreq/boost")) {
        return *is_on != 0 ? "on" : "off";
    }
    return std::nullopt;
}

/// In Hz: of the CPUs that are used, the mean of what cpufreq tells.
std::optional<double> frequency_now(const MachineFiles& files, const CpusInUse& cpus) {
    double sum = 0;
    for (const int cpu : cpus.cpus) {
        const auto khz = files.number(folder_of(cpu) + "cpufreq/scaling_cur_freq");
        if (!khz) {
            return std::nullopt;
        }
        sum += *khz * 1e3;
    }
    return cpus.cpus.empty() ? std::nullopt
                             : std::optional(sum / static_cast<double>(cpus.cpus.size()));
}

void add_ghz(Facts& facts, const char* name, std::optional<double> hz, const char* source = "") {
    facts.add(name, hz, "Hz", fmt::format("{:.3f} GHz{}", hz.value_or(0) * 1e-9, source));
}

/// A virtual machine has no cpufreq, and cpuinfo's number is what its host once said.
void add_frequencies(Facts& facts, const MachineFiles& files, const CpusInUse& cpus) {
    if (const auto hz = frequency_now(files, cpus)) {
        add_ghz(facts, "frequency now", hz);
    } else {
        const auto text = files.entry("proc/cpuinfo", "cpu MHz");
        const auto mhz = text ? leading_number(*text) : std::nullopt;
        add_ghz(facts, "frequency now", mhz ? std::optional(*mhz * 1e6) : std::nullopt,
                ", as /proc/cpuinfo says");
    }
    const int first = cpus.cpus.empty() ? 0 : cpus.cpus.front();
    const auto khz = files.number(folder_of(first) + "cpufreq/cpuinfo_max_freq");
    add_ghz(facts, "largest frequency", khz ? std::optional(*khz * 1e3) : std::nullopt);
}

/// Whether hardware threads share cores: what the kernel says, else what the CPUs in use show.
std::optional<std::string> smt(const MachineFiles& files, const CpusInUse& cpus) {
    if (const auto active = files.number("sys/devices/system/cpu/smt/active")) {
        return *active != 0 ? "on" : "off";
    }
    if (cpus.threads_a_core && *cpus.threads_a_core > 1) {
        return "on";
    }
    return std::nullopt;
}

std::optional<double> as_number(std::optional<int> number) {
    return number ? std::optional<double>(*number) : std::nullopt;
}

}  // namespace

std::vector<Fact> cpu_facts(const MachineFiles& files, const CpusInUse& cpus,
                            const Measured& measured) {
    Facts facts("CPU");
    facts.add("model", model(files));
    facts.add("usable CPUs", static_cast<double>(cpus.cpus.size()), "");
    facts.add("usable cores", static_cast<double>(cpus.cores), "");
    facts.add("packages", as_number(cpus.packages), "");
    facts.add("SMT", smt(files, cpus));
    facts.add("threads of a core in use", as_number(cpus.threads_a_core), "");
    add_caches(facts, files, cpus.cpus.empty() ? 0 : cpus.cpus.front());
    facts.add("governor", of_cpus(files, cpus, "cpufreq/scaling_governor"));
    facts.add("frequency driver", of_cpus(files, cpus, "cpufreq/scaling_driver"));
    facts.add("turbo", turbo(files));
    add_frequencies(facts, files, cpus);
    add_ghz(facts, "clock with one core busy", measured.one_clock_hz, ", measured");
    add_ghz(facts, "clock with all cores busy", measured.all_clocks_hz, ", measured");
    return facts.take();
}

}  // namespace pinfold::apps

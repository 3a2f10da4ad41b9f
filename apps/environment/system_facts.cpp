#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "environment/facts.hpp"

namespace pinfold::apps {

namespace {

std::optional<std::string> kernel(const MachineFiles& files) {
    const auto release = files.line("proc/sys/kernel/osrelease");
    const auto version = files.line("proc/sys/kernel/version");
    if (!release) {
        return files.line("proc/version");
    }
    return "Linux " + *release + (version ? " " + *version : "");
}

std::optional<std::string> distribution(const MachineFiles& files) {
    auto name = files.entry("etc/os-release", "PRETTY_NAME", '=');
    if (name) {
        std::erase(*name, '"');
    }
    return name;
}

/// The maker and the product that the firmware names.
std::string firmware_name(const MachineFiles& files) {
    const std::string dmi = "sys/class/dmi/id/";
    const std::string maker = files.line(dmi + "sys_vendor").value_or("");
    const std::string product = files.line(dmi + "product_name").value_or("");
    return maker + (maker.empty() || product.empty() ? "" : " ") + product;
}

// What firmware calls itself under the hypervisors that are in wide use.
constexpr std::array hypervisor_words{"KVM",
                                      "QEMU",
                                      "VMware",
                                      "VirtualBox",
                                      "Xen",
                                      "HVM",
                                      "Virtual Machine",
                                      "Bochs",
                                      "Parallels",
                                      "bhyve",
                                      "Google Compute",
                                      "OpenStack",
                                      "Alibaba Cloud ECS"};

bool names_a_hypervisor(const std::string& name) {
    const auto has = [&](const char* word) { return name.find(word) != std::string::npos; };
    return std::ranges::any_of(hypervisor_words, has) || (has("Amazon EC2") && !has("metal"));
}

std::optional<std::string> hypervisor(const MachineFiles& files) {
    const auto is = is_virtual(files);
    if (!is) {
        return std::nullopt;
    }
    if (!*is) {
        return "none";
    }
    if (auto type = files.line("sys/hypervisor/type")) {
        return type;
    }
    const std::string name = firmware_name(files);
    return name.empty() ? "yes, its name is not told" : "yes: " + name;
}

void add_load(Facts& facts, const MachineFiles& files) {
    const auto line = files.line("proc/loadavg");
    facts.add("load average of a minute", line ? leading_number(*line) : std::nullopt, "");
}

/// The share of the last ten seconds in which something that could run waited for a CPU.
void add_pressure(Facts& facts, const MachineFiles& files) {
    const auto line = files.line("proc/pressure/cpu");
    const std::size_t at = line ? line->find("avg10=") : std::string::npos;
    facts.add("time in which something waited for a CPU",
              at != std::string::npos ? leading_number(line->substr(at + 6)) : std::nullopt, "%");
}

void add_steal(Facts& facts, const MachineFiles& files) {
    const auto ticks = cpu_ticks(files);
    const double all = ticks ? ticks->busy + ticks->idle + ticks->steal : 0;
    const bool is_told = steal_seconds(files).has_value() && all > 0;
    const double percent = is_told ? 100 * ticks->steal / all : 0;
    facts.add("steal since the start", is_told ? std::optional(percent) : std::nullopt, "%",
              fmt::format("{:.3g} %", percent));
}

}  // namespace

std::optional<bool> is_virtual(const MachineFiles& files) {
    // Only on x86 does the list of flags say it, and its absence the contrary.
    if (const auto flags = files.entry("proc/cpuinfo", "flags")) {
        return std::ranges::count(words_of(*flags), "hypervisor") > 0;
    }
    const std::string name = firmware_name(files);
    if (files.has("sys/hypervisor/type") || files.has("proc/device-tree/hypervisor") ||
        names_a_hypervisor(name)) {
        return true;
    }
    return name.empty() ? std::nullopt : std::optional(false);
}

std::optional<CpuTicks> cpu_ticks(const MachineFiles& files) {
    const auto line = files.line("proc/stat");
    std::array<double, 8> ticks{};
    if (!line || !line->starts_with("cpu ")) {
        return std::nullopt;
    }
    const auto words = words_of(*line);
    for (std::size_t i = 0; i < ticks.size(); ++i) {
        const auto number = i + 1 < words.size() ? leading_number(words[i + 1]) : std::nullopt;
        if (!number) {
            return std::nullopt;
        }
        ticks[i] = *number;
    }
    const auto [user, nice, system, idle, iowait, irq, softirq, steal] = ticks;
    return CpuTicks{user + nice + system + irq + softirq, idle + iowait, steal};
}

std::optional<double> steal_seconds(const MachineFiles& files) {
    const auto ticks = cpu_ticks(files);
    if (!ticks || (ticks->steal == 0 && is_virtual(files) != false)) {
        return std::nullopt;
    }
    return ticks->steal / static_cast<double>(sysconf(_SC_CLK_TCK));
}

std::vector<Fact> system_facts(const MachineFiles& files, const Measured& measured) {
    Facts facts("system");
    facts.add("kernel", kernel(files));
    facts.add("distribution", distribution(files));
    facts.add("hypervisor", hypervisor(files));
    add_load(facts, files);
    const auto share = measured.others_share;
    facts.add("CPU time that others used", share ? std::optional(100 * *share) : std::nullopt, "%",
              fmt::format("{:.1f} %", 100 * share.value_or(0)));
    add_pressure(facts, files);
    add_steal(facts, files);
    return facts.take();
}

}  // namespace pinfold::apps

// What makes figures doubtful. Each look at a fact is a function that returns a sentence, or
// nothing.

#include <fmt/format.h>

#include <array>
#include <optional>

#include "environment/environment.hpp"

namespace pinfold::apps {

namespace {

// A run of ten seconds among others that take more than this share of the CPUs shows it.
constexpr double notable_percent_of_others = 2;
constexpr double notable_percent_of_steal = 0.1;
constexpr double notable_load_a_cpu = 0.25;
constexpr double notable_slowdown = 0.03;  // of the clock, from one busy core to all

class Looks {
  public:
    Looks(const Environment& environment, int workers)
        : environment_(environment), workers_(workers) {}

    [[nodiscard]] const Environment& environment() const noexcept { return environment_; }
    [[nodiscard]] int workers() const noexcept { return workers_; }

    [[nodiscard]] std::string text(const char* group, const char* name) const {
        const Fact* const fact = find_fact(environment_.facts, group, name);
        return fact == nullptr ? "unknown" : fact->text;
    }
    [[nodiscard]] std::optional<double> number(const char* group, const char* name) const {
        const Fact* const fact = find_fact(environment_.facts, group, name);
        return fact == nullptr ? std::nullopt : fact->number;
    }

  private:
    const Environment& environment_;
    const int workers_;
};

using Warning = std::optional<std::string>;

Warning governor(const Looks& looks) {
    const std::string governor = looks.text("CPU", "governor");
    if (governor == "performance") {
        return std::nullopt;
    }
    if (governor == "unknown") {
        return "The machine does not tell its frequency governor: the clock may change between "
               "runs.";
    }
    return fmt::format(
        "The frequency governor is {}, not performance: the clock follows the load, and short runs "
        "may see a slow one.",
        governor);
}

Warning turbo(const Looks& looks) {
    const std::string turbo = looks.text("CPU", "turbo");
    if (turbo == "on") {
        return "Turbo is on: one busy core may have a quicker clock than all have together, which "
               "lowers speedups.";
    }
    return std::nullopt;
}

Warning clocks(const Looks& looks) {
    const auto one = looks.number("CPU", "clock with one core busy");
    const auto all = looks.number("CPU", "clock with all cores busy");
    if (one && all && *all < *one * (1 - notable_slowdown)) {
        return fmt::format(
            "The clock falls from {:.2f} to {:.2f} GHz when all cores are busy: that alone may "
            "hold "
            "the efficiency with all of them near {:.2f}.",
            *one * 1e-9, *all * 1e-9, *all / *one);
    }
    return std::nullopt;
}

Warning smt(const Looks& looks) {
    const Environment& environment = looks.environment();
    if (environment.usable_cpus > environment.usable_cores &&
        looks.workers() > environment.usable_cores) {
        return fmt::format(
            "{} workers are more than the {} usable cores: beyond those, hardware threads share a "
            "core, and speedups are not those of cores.",
            looks.workers(), environment.usable_cores);
    }
    return std::nullopt;
}

Warning too_many_workers(const Looks& looks) {
    const int cpus = looks.environment().usable_cpus;
    if (looks.workers() > cpus) {
        return fmt::format("{} workers share {} usable CPUs: such points say nothing of more CPUs.",
                           looks.workers(), cpus);
    }
    return std::nullopt;
}

Warning quota(const Looks& looks) {
    const auto quota = looks.number("limits", "CPU quota");
    if (quota && *quota < looks.workers()) {
        return fmt::format(
            "The cgroup grants {:g} CPUs of time, and there are up to {} workers: the kernel holds "
            "them back.",
            *quota, looks.workers());
    }
    return std::nullopt;
}

Warning load(const Looks& looks) {
    const auto others = looks.number("system", "CPU time that others used");
    if (others && *others > notable_percent_of_others) {
        return fmt::format("Other programs used {:.0f} % of the CPUs just before the study.",
                           *others);
    }
    const auto load = looks.number("system", "load average of a minute");
    if (load && *load > notable_load_a_cpu * looks.environment().usable_cpus) {
        return fmt::format(
            "The load average was {:g} at the begin: other programs ran in the minute before.",
            *load);
    }
    return std::nullopt;
}

Warning steal(const Looks& looks) {
    const auto percent = looks.number("system", "steal since the start");
    if (percent && *percent > notable_percent_of_steal) {
        return fmt::format("The hypervisor has taken {:.2g} % of the CPUs' time since the start.",
                           *percent);
    }
    return std::nullopt;
}

Warning hypervisor(const Looks& looks) {
    const std::string hypervisor = looks.text("system", "hypervisor");
    if (hypervisor == "none") {
        return std::nullopt;
    }
    if (hypervisor == "unknown") {
        return "The machine does not tell whether a hypervisor makes it.";
    }
    return "This is a virtual machine: its CPUs may be hardware threads of one core, and others "
           "may "
           "use the same caches, memory and power.";
}

Warning huge_pages(const Looks& looks) {
    const std::string pages = looks.text("memory", "transparent huge pages");
    if (pages == "always") {
        return "Transparent huge pages are always on: how many a run gets depends on how torn the "
               "memory is, and its time with it.";
    }
    return std::nullopt;
}

Warning build(const Looks& looks) {
    if (const std::string sanitizers = looks.text("build", "sanitizers");
        sanitizers != "none" && sanitizers != "unknown") {
        return "This pinfold is built with sanitizers (" + sanitizers +
               "): its times are many times those of a release.";
    }
    const std::string type = looks.text("build", "type");
    if (type != "Release" && type != "RelWithDebInfo") {
        return "The build type of this pinfold is " + type +
               ": its times are not those of a release.";
    }
    return std::nullopt;
}

}  // namespace

std::vector<std::string> warnings_of(const Environment& environment, int workers) {
    const Looks looks(environment, workers);
    std::vector<std::string> warnings;
    for (const auto look : {governor, turbo, clocks, smt, too_many_workers, quota, load, steal,
                            hypervisor, huge_pages, build}) {
        if (Warning warning = look(looks)) {
            warnings.push_back(std::move(*warning));
        }
    }
    return warnings;
}

}  // namespace pinfold::apps

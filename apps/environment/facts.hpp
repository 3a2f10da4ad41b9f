#pragma once

// What is read of a machine, by groups of facts. Each group is a function in a file of its own.

#include <optional>
#include <string>
#include <vector>

#include "environment/machine_files.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

inline constexpr const char* unknown = "unknown";

/// Facts of one group, in the order in which they were added.
class Facts {
  public:
    explicit Facts(std::string group) : group_(std::move(group)) {}

    /// A text, which is unknown where there is none.
    void add(std::string name, const std::optional<std::string>& text);

    /// A number, with its text for people. Both are unknown where there is no number.
    void add(std::string name, std::optional<double> number, const std::string& unit,
             const std::string& text);

    /// A number whose text is itself and its unit; one of bytes is in KiB, MiB or GiB there.
    void add(std::string name, std::optional<double> number, const std::string& unit);

    [[nodiscard]] std::vector<Fact> take() { return std::move(facts_); }

  private:
    std::string group_;
    std::vector<Fact> facts_;
};

/// Bytes as people read them: "48 KiB", "23.5 GiB".
[[nodiscard]] std::string bytes_text(double bytes);

/// Which CPUs of the machine count.
struct CpusInUse {
    std::vector<int> cpus;  ///< that this process may run on
    int cores = 1;
    std::optional<int> threads_a_core;  ///< of the cores that are used
    std::optional<int> packages;
    std::optional<int> numa_nodes;
};

/// What was measured on a running machine.
struct Measured {
    std::optional<double> one_clock_hz;   ///< of a core whose neighbours idle
    std::optional<double> all_clocks_hz;  ///< the median of all cores, all busy
    std::optional<double> others_share;   ///< of the CPUs' time, used by others, from 0 to 1
};

[[nodiscard]] std::vector<Fact> cpu_facts(const MachineFiles& files, const CpusInUse& cpus,
                                          const Measured& measured);
[[nodiscard]] std::vector<Fact> memory_facts(const MachineFiles& files, const CpusInUse& cpus);
[[nodiscard]] std::vector<Fact> limit_facts(const MachineFiles& files);
[[nodiscard]] std::vector<Fact> system_facts(const MachineFiles& files, const Measured& measured);
[[nodiscard]] std::vector<Fact> build_facts();

/// Whether the machine is one that a hypervisor makes, where that can be told.
[[nodiscard]] std::optional<bool> is_virtual(const MachineFiles& files);

/// The ticks of /proc/stat's line "cpu", all CPUs together since the machine's start.
struct CpuTicks {
    double busy = 0;  ///< user, nice, system and interrupts
    double idle = 0;  ///< and waiting for input
    double steal = 0;
};
[[nodiscard]] std::optional<CpuTicks> cpu_ticks(const MachineFiles& files);

/// Seconds that the hypervisor took from all CPUs since the machine's start. Absent where it does
/// not tell: a virtual machine's 0 is no measurement.
[[nodiscard]] std::optional<double> steal_seconds(const MachineFiles& files);

}  // namespace pinfold::apps

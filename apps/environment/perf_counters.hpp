#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <pinfold/shm/descriptor.hpp>
#include <string>

namespace pinfold::apps {

enum class Counter { cycles, instructions, llc_misses, migrations };
inline constexpr std::size_t counters = 4;

/// The kernel's counters of a process and of all that it starts from now on. Each one may be
/// missing: virtual machines often have none of the hardware's, and an administrator may forbid
/// them.
///
///     pinfold::apps::PerfCounters counted;
///     counted.open(getpid());
///     // ... what is counted ends, with all that it started ...
///     const auto cycles = counted.value(pinfold::apps::Counter::cycles);
///
class PerfCounters {
  public:
    /// Counts a process from now on. Throws nothing: what the kernel refuses is absent.
    void open(int pid) noexcept;

    /// What was counted, also of processes that have ended. Where the hardware had to count other
    /// things in between, the count of the whole time is inferred from its share.
    [[nodiscard]] std::optional<double> value(Counter counter) const noexcept;

  private:
    std::array<shm::Descriptor, counters> events_;
};

/// Whether a process of this user may count cycles: "available", "of user mode alone", or why not.
[[nodiscard]] std::string hardware_counters();

}  // namespace pinfold::apps

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "environment/machine_files.hpp"

namespace pinfold::apps {

/// What a run's processes had in memory.
struct MemoryInUse {
    double pss_bytes = 0;     ///< a page that n of them share counts as an n-th in each
    double shared_bytes = 0;  ///< of that, shared memory: a pool's arena
};

/// The processes that were started by `pid` and its children, itself included, that are there now.
/// The kernel's lists of children are read where it has them, else all processes are looked at.
[[nodiscard]] std::vector<int> processes_of_run(const MachineFiles& files, int pid);

/// What the kernel says of one process, or nothing of one that is gone or another user's.
[[nodiscard]] std::optional<MemoryInUse> memory_of_process(const MachineFiles& files, int pid);

/// Looks at the memory of a run now and then, for a small share of the time: a look at a process
/// with much memory costs the kernel a walk over its pages. A look at many processes goes on over
/// several steps, and counts only when it came to its end.
class RunMemory {
  public:
    using Clock = std::chrono::steady_clock;

    RunMemory(const MachineFiles& files, int pid, Clock::time_point now);

    /// Does a step if one is due. Cost: about 2 ms, or one process's look, after which it is due
    /// only when 300 times as long has passed.
    void step();

    [[nodiscard]] Clock::time_point due() const noexcept { return due_; }

    /// Whether the look that was begun needs more steps.
    [[nodiscard]] bool is_looking() const noexcept { return is_looking_; }

    /// The most that a look has found.
    [[nodiscard]] std::optional<MemoryInUse> most() const noexcept { return most_; }

  private:
    void look(Clock::time_point until);
    void end_of_look();

    const MachineFiles& files_;
    const int pid_;
    Clock::time_point due_;
    std::vector<int> to_see_;
    bool is_looking_ = false;
    bool all_were_told_ = true;
    MemoryInUse sum_;
    std::optional<MemoryInUse> most_;
};

}  // namespace pinfold::apps

#pragma once

#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <optional>

#include "environment/machine_files.hpp"
#include "environment/perf_counters.hpp"
#include "environment/run_memory.hpp"
#include "study/study.hpp"

namespace pinfold::apps {

/// What the machine did around one run: counters, memory, and what others took of it.
///
///     pinfold::apps::RunMeter meter;
///     meter.begin();                 // just before the fork
///     // ... fork; the child waits
///     meter.started(child);          // then it may exec the program
///     // while it runs, at least now and then:
///     meter.tick();                  // and not again before meter.due()
///     // ... wait4(child, &status, 0, &used)
///     pinfold::apps::Sample sample;
///     meter.ended(used, sample);
///
/// A child that does not wait for started() is measured too, but for its first moments. tick()
/// reads /proc for about 0.3 % of the time, in steps of about 2 ms; it throws nothing that
/// the machine causes. What the machine does not tell is left absent.
///
/// Memory is that of the processes of the run that descend from the child. Steal and throttling are
/// those of the whole machine and of this process's cgroups.
///
/// Thread-safety: one thread.
class RunMeter {
  public:
    using Clock = std::chrono::steady_clock;

    /// `root` is the folder that stands for "/", for tests.
    explicit RunMeter(std::filesystem::path root = "/");
    RunMeter(const RunMeter&) = delete;
    RunMeter& operator=(const RunMeter&) = delete;

    void begin();
    void started(int pid);
    void tick();

    /// When tick() next has something to do; long away where there is nothing.
    [[nodiscard]] Clock::time_point due() const noexcept;

    /// Fills in all members of the sample that tell what the machine did, rss_bytes too.
    void ended(const rusage& used, Sample& sample);

  private:
    MachineFiles files_;
    PerfCounters counted_;
    std::optional<RunMemory> memory_;
    std::optional<double> load_;
    std::optional<double> steal_before_;
    std::optional<double> throttled_before_;
};

}  // namespace pinfold::apps

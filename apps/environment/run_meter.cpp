#include "environment/run_meter.hpp"

#include <algorithm>
#include <pinfold/affinity/cpu_throttling.hpp>

#include "environment/facts.hpp"

namespace pinfold::apps {

namespace {

/// How many processes and threads run or could run, but for the caller. Of "0.07 0.46 1.36 1/91
/// 15655" it is the 1 before the slash, which is the caller.
std::optional<double> runnable_others(const MachineFiles& files) {
    const auto line = files.line("proc/loadavg");
    const auto words = line ? words_of(*line) : std::vector<std::string_view>();
    const auto runnable = words.size() > 3 ? leading_number(words[3]) : std::nullopt;
    return runnable ? std::optional(std::max(0.0, *runnable - 1)) : std::nullopt;
}

/// Nothing where one of the two looks told nothing.
std::optional<double> growth(std::optional<double> before, std::optional<double> after) {
    return before && after ? std::optional(std::max(0.0, *after - *before)) : std::nullopt;
}

constexpr auto nothing_to_do = std::chrono::hours(1);

}  // namespace

RunMeter::RunMeter(std::filesystem::path root) : files_(std::move(root)) {}

void RunMeter::begin() {
    counted_ = {};
    memory_.reset();
    load_ = runnable_others(files_);
    throttled_before_ = affinity::throttled_seconds(files_.root());
    steal_before_ = steal_seconds(files_);
}

void RunMeter::started(int pid) {
    counted_.open(pid);
    memory_.emplace(files_, pid, Clock::now());
}

void RunMeter::tick() {
    if (memory_) {
        memory_->step();
    }
}

RunMeter::Clock::time_point RunMeter::due() const noexcept {
    return memory_ ? memory_->due() : Clock::now() + nothing_to_do;
}

void RunMeter::ended(const rusage& used, Sample& sample) {
    sample.steal_seconds = growth(steal_before_, steal_seconds(files_));
    sample.throttled_seconds =
        growth(throttled_before_, affinity::throttled_seconds(files_.root()));
    sample.load = load_;
    sample.cycles = counted_.value(Counter::cycles);
    sample.instructions = counted_.value(Counter::instructions);
    sample.llc_misses = counted_.value(Counter::llc_misses);
    sample.migrations = counted_.value(Counter::migrations);
    sample.page_faults = static_cast<double>(used.ru_minflt + used.ru_majflt);
    sample.rss_bytes = static_cast<double>(used.ru_maxrss) * 1024;
    if (const auto most = memory_ ? memory_->most() : std::nullopt) {
        sample.pss_bytes = most->pss_bytes;
        sample.arena_bytes = most->shared_bytes;
    }
    memory_.reset();
}

}  // namespace pinfold::apps

#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <pinfold/engine/timeline.hpp>
#include <pinfold/shm/process_mark.hpp>
#include <string_view>
#include <vector>

#include "timeline/recorded_job.hpp"

namespace pinfold::detail {

/// The jobs of a timeline. Thread-safety: all members.
class TimelineStore {
  public:
    explicit TimelineStore(TimelineOptions options);

    [[nodiscard]] const TimelineOptions& options() const noexcept { return options_; }

    /// Throws std::invalid_argument in any process but the one that made it.
    void check_process() const;

    /// Of how many chunks one is kept in a job of so many, as a power of two.
    [[nodiscard]] int thinning_for(std::uint64_t chunks) const noexcept;

    /// Keeps a job, or counts that it had no room.
    void add(RecordedJob job) noexcept;
    void leave_out() noexcept;

    /// The same of a task.
    void add_task(RecordedTask task) noexcept;

    [[nodiscard]] std::uint64_t jobs() const;
    [[nodiscard]] std::uint64_t chunks() const;
    [[nodiscard]] std::uint64_t tasks() const;

    /// Gives the text piece by piece to `write`.
    void write_chrome_json(const std::function<void(std::string_view)>& write) const;

  private:
    const TimelineOptions options_;
    const shm::ProcessMark process_;
    const int pid_;
    const std::int64_t began_ns_;
    mutable std::mutex mutex_;
    std::vector<RecordedJob> jobs_;
    std::vector<RecordedTask> tasks_;
    std::uint64_t chunks_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t left_out_ = 0;
    std::uint64_t tasks_left_out_ = 0;
};

/// The engine's way into a Timeline.
struct TimelineOf {
    [[nodiscard]] static TimelineStore& store(Timeline& timeline) noexcept {
        return *timeline.store_;
    }
};

}  // namespace pinfold::detail

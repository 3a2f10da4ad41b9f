#pragma once

#include <cstddef>
#include <pinfold/engine/detail/tasks/task_spec.hpp>
#include <pinfold/engine/tasks/options.hpp>
#include <pinfold/engine/timeline.hpp>
#include <span>
#include <string>
#include <vector>

namespace pinfold::detail {

/// A task that notes when it ran, for a timeline.
///
///     message:  | when the last attempt ran, and where | the task's call | the task's message |
///
/// Each attempt writes into its message, which is as long there as the slot is the task's: also a
/// worker that is being killed writes to nobody else's memory.
class TimedTask {
  public:
    /// `spec` has a timeline among its options. Throws std::invalid_argument for one of another
    /// process.
    explicit TimedTask(const TaskSpec& spec);

    [[nodiscard]] const TaskSpec& spec() const noexcept { return spec_; }

    /// Tells when the task of that message ran, if an attempt came to its end.
    static void record(Timeline& timeline, std::span<const std::byte> message, std::string name,
                       int attempts, bool has_failed);

  private:
    std::vector<std::byte> message_;
    TaskSpec spec_;
};

/// Calls `submit` with the task as it is, or with one that notes its times, if its options have a
/// timeline.
template <typename Submit>
auto submit_with_times(const TaskSpec& spec, Submit submit) {
    return spec.options->timeline != nullptr ? submit(TimedTask(spec).spec()) : submit(spec);
}

}  // namespace pinfold::detail

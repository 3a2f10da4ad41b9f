#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "board/board.hpp"

namespace pinfold::detail {

/// Finds the workers whose chunk runs longer than its job's chunk deadline.
///
/// It measures by its own ticks, so neither the workers nor the claim loop read a clock for it. A
/// tick that comes late, as after a stop of the whole tree, counts as two at most.
class DeadlineWatch {
  public:
    explicit DeadlineWatch(const Control& control);

    /// How soon to tick() again: an eighth of the shortest deadline in use, within 1 to 50 ms;
    /// nothing when no job in progress has a deadline.
    [[nodiscard]] std::optional<std::chrono::milliseconds> interval() const noexcept;

    /// Looks at all workers at `now_ns`. Returns those that are past their deadline.
    [[nodiscard]] std::vector<int> tick(std::int64_t now_ns);

  private:
    struct Seen {
        std::uint64_t starts = 0;
        std::int64_t running_ns = 0;
    };

    [[nodiscard]] bool in_use(std::uint32_t slot) const noexcept;

    /// The chunk deadline of the job that the worker is on, or 0. It bounds the time between two
    /// starts of chunks: a worker that is stopped between them hangs the end of a job as well.
    [[nodiscard]] std::int64_t deadline_of(int worker) const noexcept;

    const Control& control_;
    std::vector<Seen> seen_;
    std::int64_t last_tick_ns_ = 0;
};

}  // namespace pinfold::detail

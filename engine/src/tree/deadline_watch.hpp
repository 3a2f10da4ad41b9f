#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <pinfold/shm/party.hpp>
#include <span>
#include <vector>

#include "tree/work.hpp"

namespace pinfold::detail {

/// Finds the workers that are on a piece of work for longer than its deadline.
///
/// It measures by its own ticks, so no worker reads a clock for it. A tick that comes late, as
/// after a stop of the whole tree, counts as two at most.
class DeadlineWatch {
  public:
    DeadlineWatch(Works works, std::span<const shm::Party> workers);

    /// How soon to tick() again: an eighth of the shortest deadline in use, within 1 ms to
    /// wait_slice; nothing when no work in progress has a deadline.
    [[nodiscard]] std::optional<std::chrono::milliseconds> interval() const noexcept;

    /// Looks at all workers at `now_ns`. Returns those that are past their deadline; valid until
    /// the next tick.
    [[nodiscard]] std::span<const WorkerNumber> tick(std::int64_t now_ns) noexcept;

  private:
    struct Seen {
        shm::PartyId worker;  // a new one begins anew
        std::uint64_t doing = 0;
        std::int64_t running_ns = 0;
    };

    [[nodiscard]] bool is_late_at(Work& work, WorkerNumber worker, Seen* seen,
                                  std::int64_t step_ns) const noexcept;
    [[nodiscard]] bool is_late(Seen& seen, const Seen& now, std::int64_t deadline_ns,
                               std::int64_t step_ns) const noexcept;

    const Works works_;
    const std::span<const shm::Party> workers_;
    std::vector<Seen> seen_;  // for each worker, of each kind of work, by level
    std::vector<WorkerNumber> late_;
    std::int64_t last_tick_ns_ = 0;
};

}  // namespace pinfold::detail

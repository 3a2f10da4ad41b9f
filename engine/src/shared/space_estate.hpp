#pragma once

#include <pinfold/shm/parties/roster.hpp>

#include "tree/estate.hpp"

namespace pinfold::detail {

/// What workers hold of the shared objects of their pool's space, where the host is process 0.
class SpaceEstate final : public Estate {
  public:
    explicit SpaceEstate(shm::Roster& roster) noexcept : roster_(roster) {}

    void enter(WorkerNumber worker) noexcept override { roster_.enter(process_of(worker)); }
    void bury(WorkerNumber worker) noexcept override { roster_.bury(process_of(worker)); }
    void wake_waiters() noexcept override { roster_.break_up(); }

  private:
    [[nodiscard]] static shm::ProcessNumber process_of(WorkerNumber worker) noexcept {
        return static_cast<shm::ProcessNumber>(worker + 1);
    }

    shm::Roster& roster_;
};

}  // namespace pinfold::detail

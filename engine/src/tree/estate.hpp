#pragma once

#include "worker_number.hpp"

namespace pinfold::detail {

/// What workers hold that is no work: locks and messages of shared objects. It lies in shared
/// memory, as that of a Work does.
class Estate {
  public:
    virtual ~Estate() = default;
    Estate() = default;
    Estate(const Estate&) = delete;
    Estate& operator=(const Estate&) = delete;

    /// Called at the birth of a worker's process, before anything else there. Takes no lock and no
    /// memory.
    virtual void enter(WorkerNumber worker) noexcept = 0;

    /// Gives back what a dead worker held, before its work is buried. It has been reaped, and its
    /// successor does not run yet.
    virtual void bury(WorkerNumber worker) noexcept = 0;

    /// Wakes all who wait for somebody to give something back: the pool is broken.
    virtual void wake_waiters() noexcept = 0;
};

}  // namespace pinfold::detail

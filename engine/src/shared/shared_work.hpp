#pragma once

#include "shared/space_core.hpp"
#include "tree/work.hpp"

namespace pinfold::detail {

/// What workers hold of shared objects. There is nothing to do, but to bury: before jobs and tasks
/// are buried, whose burials free what a dead worker held of the heap.
class SharedWork final : public Work {
  public:
    explicit SharedWork(shm::Roster& roster) noexcept : roster_(roster) {}

    void enter(WorkerNumber worker) noexcept override { roster_.enter(process_of(worker)); }
    void bury(WorkerNumber worker, const WorkerDeath& /*death*/) noexcept override {
        roster_.bury(process_of(worker));
    }
    void wake_waiters() noexcept override { roster_.break_up(); }

    bool work_in_turn(WorkerNumber /*worker*/, const Shift& /*shift*/) override { return false; }
    [[nodiscard]] bool is_open() const noexcept override { return false; }
    [[nodiscard]] std::uint64_t starts_of(WorkerNumber /*worker*/) const noexcept override {
        return 0;
    }
    [[nodiscard]] bool is_at_work(WorkerNumber /*worker*/) const noexcept override { return false; }
    [[nodiscard]] std::int64_t deadline_ns_of(WorkerNumber /*worker*/) const noexcept override {
        return 0;
    }
    [[nodiscard]] std::int64_t shortest_deadline_ns() const noexcept override { return 0; }
    [[nodiscard]] std::uint64_t doing_of(WorkerNumber /*worker*/) const noexcept override {
        return 0;
    }
    [[nodiscard]] bool condemn(WorkerNumber /*worker*/, std::uint64_t /*doing*/) noexcept override {
        return false;
    }
    [[nodiscard]] bool condemn_marked(WorkerNumber /*worker*/) noexcept override { return false; }
    [[nodiscard]] bool is_spent(WorkerNumber /*worker*/) const noexcept override { return false; }

  private:
    /// The host is process 0.
    [[nodiscard]] static shm::ProcessNumber process_of(WorkerNumber worker) noexcept {
        return static_cast<shm::ProcessNumber>(worker + 1);
    }

    shm::Roster& roster_;
};

}  // namespace pinfold::detail

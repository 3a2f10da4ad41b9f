#pragma once

#include <deque>
#include <vector>

#include "tasks/task_runner.hpp"
#include "tree/work.hpp"

namespace pinfold::detail {

/// The tasks of a pool, as work for its workers. It stands before JobWork among a pool's Works:
/// that frees what a dead worker's party holds.
class TaskWork final : public Work {
  public:
    explicit TaskWork(TaskTable& table);

    bool work_in_turn(WorkerNumber worker, const Shift& shift) override;
    [[nodiscard]] bool is_open() const noexcept override;
    [[nodiscard]] std::uint64_t starts_of(WorkerNumber worker) const noexcept override;
    [[nodiscard]] bool is_at_work(WorkerNumber worker) const noexcept override;
    [[nodiscard]] std::uint32_t most_levels() const noexcept override { return most_inline; }
    [[nodiscard]] std::uint32_t levels_of(WorkerNumber worker) const noexcept override;
    [[nodiscard]] std::int64_t deadline_ns_of(WorkerNumber worker,
                                              std::uint32_t level) const noexcept override;
    [[nodiscard]] std::int64_t shortest_deadline_ns() const noexcept override;
    [[nodiscard]] std::uint64_t doing_of(WorkerNumber worker,
                                         std::uint32_t level) const noexcept override;
    [[nodiscard]] bool condemn(WorkerNumber worker, std::uint64_t doing) noexcept override;
    [[nodiscard]] bool condemn_marked(WorkerNumber worker) noexcept override;
    [[nodiscard]] bool is_spent(WorkerNumber worker) const noexcept override;
    void bury(WorkerNumber worker, const WorkerDeath& death) noexcept override;
    void clear_up(WorkerNumber worker) noexcept override;
    void tell(StatusLines& lines) const noexcept override;
    void wake_waiters() noexcept override;

    /// By worker number.
    [[nodiscard]] TaskRunner* const* runners() const noexcept { return by_number_.data(); }

  private:
    [[nodiscard]] bool has_more_soon(const Shift& shift) const noexcept;

    TaskTable& table_;
    std::deque<TaskRunner> runners_;
    std::vector<TaskRunner*> by_number_;
};

}  // namespace pinfold::detail

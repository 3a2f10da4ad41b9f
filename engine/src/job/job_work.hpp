#pragma once

#include <deque>

#include "board/board.hpp"
#include "board/claim_loop.hpp"
#include "tree/work.hpp"

namespace pinfold::detail {

/// The jobs of a pool, as work for its workers: chunks on boards.
class JobWork final : public Work {
  public:
    explicit JobWork(BoardTable& table);

    bool work_in_turn(WorkerNumber worker, const Shift& shift) override;
    [[nodiscard]] bool is_open() const noexcept override;
    [[nodiscard]] std::uint64_t starts_of(WorkerNumber worker) const noexcept override;
    [[nodiscard]] bool is_at_work(WorkerNumber worker) const noexcept override;
    [[nodiscard]] std::int64_t deadline_ns_of(WorkerNumber worker,
                                              std::uint32_t level) const noexcept override;
    [[nodiscard]] std::int64_t shortest_deadline_ns() const noexcept override;
    [[nodiscard]] std::uint64_t doing_of(WorkerNumber worker,
                                         std::uint32_t level) const noexcept override;
    [[nodiscard]] bool condemn(WorkerNumber worker, std::uint64_t doing) noexcept override;
    [[nodiscard]] bool condemn_marked(WorkerNumber worker) noexcept override;
    [[nodiscard]] bool is_spent(WorkerNumber worker) const noexcept override;
    void bury(WorkerNumber worker, const WorkerDeath& death) noexcept override;
    void tell(StatusLines& lines) const noexcept override;
    void wake_waiters() noexcept override;

  private:
    BoardTable& table_;
    std::deque<ClaimLoop> loops_;  // by worker number; each is used by its worker alone
};

}  // namespace pinfold::detail

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <pinfold/engine/detail/status_page.hpp>
#include <pinfold/shm/descriptor.hpp>

#include "tree/work.hpp"
#include "tree/workforce.hpp"

namespace pinfold::detail {

/// The supervisor's page of what its pool does; see detail/status_page.hpp. Nobody needs it: where
/// it cannot be made there is none.
///
/// It is written at most each `interval`, in ticks while a job or a task runs. What it says of a
/// job are words that workers store anyway. Nothing of it takes a lock or allocates from the heap.
class StatusPage {
  public:
    static constexpr std::int64_t interval_ns = 100'000'000;

    /// In the supervisor, when it has forked its workers: those know nothing of it.
    void open(const Workforce& workforce) noexcept;

    /// In a worker that is forked later, which has no map of it either.
    void leave_to_supervisor() noexcept {
        memory_.reset();
        head_ = nullptr;
    }

    void count_death() noexcept { ++deaths_; }

    /// Writes it, if that is due. `pids` are the workers'.
    template <typename PidOf>
    void update(const Workforce& workforce, Works works, std::int64_t now, PidOf pid_of) noexcept {
        if (head_ != nullptr && now - updated_ns_ >= interval_ns / 2) {
            begin_update(now);
            for (std::uint32_t worker = 0; worker < head_->workers; ++worker) {
                lines_.workers[worker] = {.pid = pid_of(worker),
                                          .cpu = workforce.workers[worker].bound_cpu()};
            }
            end_update(works);
        }
    }

    /// Whether a job or a task ran at the last update, so that others should follow.
    [[nodiscard]] bool has_work() const noexcept { return has_work_; }

  private:
    void begin_update(std::int64_t now) noexcept;
    void end_update(Works works) noexcept;

    shm::Descriptor memory_;
    StatusHead* head_ = nullptr;
    StatusLines lines_;
    std::int64_t updated_ns_ = 0;
    std::uint64_t deaths_ = 0;
    bool has_work_ = false;
};

}  // namespace pinfold::detail

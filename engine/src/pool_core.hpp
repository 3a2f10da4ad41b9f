#pragma once

#include <sys/types.h>

#include <memory>
#include <pinfold/affinity/place.hpp>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/shm/arena.hpp>
#include <vector>

#include "board/boards.hpp"
#include "code_map.hpp"
#include "job/minder.hpp"
#include "tree/crew.hpp"

namespace pinfold::detail {

/// What a Pool is inside.
class PoolCore {
  public:
    explicit PoolCore(const PoolOptions& options);
    ~PoolCore();
    PoolCore(const PoolCore&) = delete;
    PoolCore& operator=(const PoolCore&) = delete;

    [[nodiscard]] Crew crew() const noexcept { return crew_kind_; }
    [[nodiscard]] const std::vector<affinity::Placement>& placements() const noexcept {
        return placements_;
    }
    [[nodiscard]] const std::shared_ptr<shm::Arena>& arena() const noexcept { return arena_; }

    /// Throws std::logic_error in a child that the user forked.
    void check_owner() const;

    /// See map_reduce(). The options have been checked against the crew.
    JobReport run(const JobSpec& spec, const FoldAll& fold_all);

  private:
    void start_workers(const PoolOptions& options);
    [[nodiscard]] Control& lay_out_control();
    [[nodiscard]] Ending wait_for_end(Board& board, const JobSettings& settings,
                                      JournalFile* journal);
    void end_early(Boards::Seat& seat, const JobSettings& settings);

    const pid_t owner_;
    const Crew crew_kind_;
    const std::vector<affinity::Placement> placements_;
    const WorkerCpus cpus_;
    const std::shared_ptr<shm::Arena> arena_;
    const CodeMap code_;  // what was loaded when the workers were forked
    ArenaBlocks arena_blocks_;
    Block control_block_;
    Control* control_ = nullptr;  // in the block; none for the serial crew
    std::unique_ptr<Boards> boards_;
    std::unique_ptr<CrewOfWorkers> crew_;
    bool may_spin_ = false;
};

}  // namespace pinfold::detail

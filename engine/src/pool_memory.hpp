#pragma once

#include <sys/types.h>

#include <pinfold/affinity/place.hpp>
#include <vector>

#include "board/block_source.hpp"
#include "board/board.hpp"
#include "nodes/worker_nodes.hpp"
#include "tree/workforce.hpp"

namespace pinfold::detail {

/// What a pool's host, supervisor and workers share from the pool's birth on, in one block: the two
/// roots, then the workers' parties, their lines on the boards, and the boards.
class PoolMemory {
  public:
    /// For workers at `placements`, on `nodes`, which outlive it, in the process `owner`, whose
    /// results lie in `heap`. Throws what the source throws.
    PoolMemory(BlockSource& source, const std::vector<affinity::Placement>& placements,
               const WorkerNodes& nodes, pid_t owner, shm::Heap* heap = nullptr);

    [[nodiscard]] Workforce& workforce() const noexcept { return *workforce_; }
    [[nodiscard]] BoardTable& boards() const noexcept { return *boards_; }

  private:
    void place(const std::vector<affinity::Placement>& placements, const WorkerNodes& nodes,
               pid_t owner) noexcept;

    Block block_;
    Workforce* workforce_;
    BoardTable* boards_;
};

}  // namespace pinfold::detail

#pragma once

#include <cstdint>
#include <pinfold/engine/detail/run_job.hpp>

#include "board/board.hpp"
#include "job/minder.hpp"
#include "tree/crew.hpp"

namespace pinfold::detail {

/// A job as its host sees it at the end.
struct EndedJob {
    const Control& control;
    const Board& board;
    const JobSettings& settings;
    const WorkerCpus& cpus;
    std::int64_t began_ns;
};

/// Folds a complete job and returns its report, or throws what its ending calls for. No worker runs
/// a map of the board any more.
JobReport settle_job(const EndedJob& job, Ending ending, const FoldAll& fold_all);

}  // namespace pinfold::detail

#pragma once

#include <functional>
#include <memory>
#include <pinfold/engine/detail/run_job.hpp>
#include <pinfold/shm/arena.hpp>

namespace pinfold::detail {

/// Runs a job on its pool, as PoolCore::run() does.
using RunJob = std::function<JobReport(const JobSpec& spec, const FoldAll& fold_all)>;

/// Runs the job twice, and compares its results and the arrays of `arena`; see
/// JobSettings::rehearse. Returns the report of the second run, whose results are folded.
JobReport rehearse(const RunJob& run, const shm::Arena& arena, const JobSpec& spec,
                   const FoldAll& fold_all);

}  // namespace pinfold::detail

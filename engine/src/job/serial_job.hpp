#pragma once

#include <pinfold/engine/detail/run_job.hpp>

namespace pinfold::detail {

/// Runs a job in the calling thread on memory of its own: the serial crew, and any job inside a
/// map.
JobReport run_serially(const JobSpec& spec, const FoldAll& fold_all);

}  // namespace pinfold::detail

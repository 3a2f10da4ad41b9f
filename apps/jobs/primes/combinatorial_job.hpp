#pragma once

#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/kernels/combinatorial.hpp>

namespace pinfold::apps {

/// The count or the sum of the primes up to x, by the combinatorial method on the pool's workers:
/// see kernels/combinatorial.hpp, docs/kernels.md.
///
/// The plan cuts the work, so `settings.grain` is not used. The job's own
/// range is [x, x + 1), one chunk that combines what the phases left; a journal keeps that alone.
/// Memory: in the pool's arena, some bytes for each number up to sqrt(x); see the phases' bytes.
/// Thread-safety: as map_reduce(). Throws like map_reduce() and combinatorial_plan().
[[nodiscard]] JobResult<uint128> total_primes_up_to(Pool& pool, kernels::PrimeTerm term,
                                                    std::uint64_t x, const JobSettings& settings,
                                                    kernels::CombinatorialTuning tuning = {});

}  // namespace pinfold::apps

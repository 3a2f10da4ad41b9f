#pragma once

#include <cstdint>
#include <optional>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>

#include "jobs/primes/method.hpp"

namespace pinfold::apps {

/// What was asked of the primes of a range; and how many they are, where the method tells.
struct PrimeTotal {
    uint128 value = 0;
    std::optional<std::uint64_t> count;
};

/// Sums or counts the primes of `range` on the pool's workers by any method.
///
/// Thread-safety: as map_reduce(). Throws like map_reduce().
[[nodiscard]] JobResult<PrimeTotal> total_primes(Pool& pool, Quantity quantity, Range range,
                                                 Method method, const JobSettings& settings);

}  // namespace pinfold::apps

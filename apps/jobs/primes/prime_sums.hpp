#pragma once

#include <cstdint>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <vector>

#include "jobs/primes/method.hpp"

namespace pinfold::apps {

/// The chunk of sum_primes() for a job that names none. A pure function of its arguments. The
/// combinatorial method has no chunks of the range: it cuts its own work.
[[nodiscard]] std::uint64_t prime_sum_grain(Method method, Range range);

/// Counts and sums the primes of `range` on the pool's workers, chunk by chunk: by any method but
/// the combinatorial one. Throws like map_reduce().
[[nodiscard]] JobResult<kernels::PrimeSum> sum_primes(Pool& pool, Range range, Method method,
                                                      const JobSettings& settings);

/// The ends first, first + step, ... below `last`.
struct Ends {
    std::uint64_t first = 0;
    uint128 last = 0;
    std::uint64_t step = 1;

    /// How many there are, up to 2^64.
    [[nodiscard]] uint128 size() const noexcept {
        return first < last ? (last - first - 1) / step + 1 : 0;
    }
    [[nodiscard]] std::uint64_t operator[](std::uint64_t index) const noexcept {
        return first + step * index;
    }
};

/// The primes below each end, each sum made from nothing: independent tasks of very different cost.
/// The job runs over the indexes of the ends. A skipped chunk leaves zeros in the rows. Throws like
/// map_reduce(), and std::system_error when the rows do not fit in memory.
struct EachResult {
    std::vector<kernels::PrimeSum> rows;
    JobReport report;
};
[[nodiscard]] EachResult sum_primes_below_each(Pool& pool, Ends ends, Method method,
                                               const JobSettings& settings);

}  // namespace pinfold::apps

#include "jobs/primes/prime_totals.hpp"

#include "jobs/job_series.hpp"
#include "jobs/primes/combinatorial_job.hpp"
#include "jobs/primes/prime_sums.hpp"

namespace pinfold::apps {

namespace {

/// The total of the primes below `end`.
uint128 total_below(JobSeries& jobs, Quantity quantity, uint128 end) {
    if (end == 0) {
        return 0;
    }
    const auto term =
        quantity == Quantity::sum ? kernels::PrimeTerm::prime : kernels::PrimeTerm::one;
    return jobs.take(total_primes_up_to(jobs.pool(), term, static_cast<std::uint64_t>(end - 1),
                                        jobs.settings()));
}

/// By the combinatorial method: those below the range's end less those below its begin, two jobs
/// with one report.
JobResult<uint128> total_by_difference(Pool& pool, Quantity quantity, Range range,
                                       const JobSettings& settings) {
    JobSeries jobs(pool, settings);
    if (range.empty()) {
        return {};
    }
    const uint128 below_end = total_below(jobs, quantity, range.end);
    return {below_end - total_below(jobs, quantity, range.begin), jobs.report()};
}

}  // namespace

JobResult<PrimeTotal> total_primes(Pool& pool, Quantity quantity, Range range, Method method,
                                   const JobSettings& settings) {
    if (method == Method::combinatorial) {
        const auto [value, report] = total_by_difference(pool, quantity, range, settings);
        const bool counted = quantity == Quantity::count;
        return {{value, counted ? std::optional(static_cast<std::uint64_t>(value)) : std::nullopt},
                report};
    }
    // The sieve sums for a count too: it costs a hundredth, and the chunks are then the same.
    const auto [primes, report] = sum_primes(pool, range, method, settings);
    const uint128 value = quantity == Quantity::sum ? primes.sum : primes.count;
    return {{value, primes.count}, report};
}

}  // namespace pinfold::apps

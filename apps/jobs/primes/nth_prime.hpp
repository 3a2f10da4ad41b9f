#pragma once

#include <cstdint>
#include <pinfold/engine/range.hpp>
#include <string>
#include <vector>

#include "jobs/job_series.hpp"
#include "jobs/primes/method_costs.hpp"

namespace pinfold::apps {

/// How many primes there are below 2^64 (OEIS A007053): the largest n that nth_prime() takes.
inline constexpr std::uint64_t primes_below_two_to_64 = 425'656'284'035'217'743U;

/// One of the counts that led to a prime.
struct CountedRange {
    Range range;
    std::uint64_t count = 0;
    Choice choice;
    std::string verified;  ///< how, if it was
};

/// A prime, and the ranges whose primes were counted for it.
struct NthPrime {
    std::uint64_t prime = 0;
    std::vector<CountedRange> counts;
};

/// The n-th prime, 2 being the first, for n from 1 to primes_below_two_to_64.
///
/// Counts the primes up to an estimate by the quickest method on the pool's workers, then those of
/// the range from there to a better one, until so few are missing that they are found one by one.
/// With `verify` each count is found twice. Run time: that of the first count, mostly.
/// Throws: std::invalid_argument for another n; std::runtime_error as verify_total(); else like
/// map_reduce().
[[nodiscard]] NthPrime nth_prime(JobSeries& jobs, std::uint64_t n, bool verify);

}  // namespace pinfold::apps

#include "prime_totals.hpp"

#include "prime_sums.hpp"

namespace pinfold::apps {

JobResult<PrimeTotal> total_primes(Pool& pool, Quantity quantity, Range range, Method method,
                                   const JobSettings& settings) {
    // The sieve sums for a count too: it costs a hundredth, and the chunks are then the same.
    const auto [primes, report] = sum_primes(pool, range, method, settings);
    const uint128 value = quantity == Quantity::sum ? primes.sum : primes.count;
    return {{value, primes.count}, report};
}

}  // namespace pinfold::apps

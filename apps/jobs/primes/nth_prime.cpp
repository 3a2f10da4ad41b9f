// An anchor is a number x and how many primes there are up to it. The first, 0, needs no work; each
// next one lies where Riemann's R puts the n-th prime as seen from the last one. R is off by about
// the square root of a distance, so the number of missing primes shrinks to about its root each
// time: near 2^64 from 4 * 10^17 to some 10^7, then to some thousands, then to less than walks of
// `walk_limit` primes. Nothing rests on that but the time: the walk is right from any anchor.

#include "jobs/primes/nth_prime.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <pinfold/engine/chunk_plan.hpp>
#include <stdexcept>

#include "jobs/primes/near_prime.hpp"
#include "jobs/primes/prime_estimate.hpp"
#include "jobs/primes/prime_sums.hpp"
#include "jobs/primes/prime_totals.hpp"
#include "jobs/primes/prime_verification.hpp"

namespace pinfold::apps {

namespace {

struct Anchor {
    std::uint64_t x = 0;
    std::uint64_t primes = 0;  ///< up to x, x included
};

// A walk costs about 2 us a prime, and a count some 0.5 ms however few are missing.
constexpr std::uint64_t walk_limit = 500;

// Four counts are enough from any n; more would mean that an estimate does not hold.
constexpr int max_counts = 8;

std::uint64_t distance(std::uint64_t a, std::uint64_t b) {
    return a < b ? b - a : a - b;
}

std::uint64_t clamped(long double x) {
    constexpr long double most = 0x1p64L;
    if (!(x > 0)) {
        return 0;
    }
    return x < most ? static_cast<std::uint64_t>(x) : ~std::uint64_t{0};
}

CountedRange count_range(JobSeries& jobs, Range range, bool verify) {
    CountedRange counted{range, 0, choose_method(std::nullopt, Quantity::count, range), {}};
    const Method method = counted.choice.method;
    JobSettings settings = jobs.settings();
    settings.grain = prime_sum_grain(method, range);
    const PrimeTotal total =
        jobs.take(total_primes(jobs.pool(), Quantity::count, range, method, settings));
    counted.count = static_cast<std::uint64_t>(total.value);
    if (verify) {
        counted.verified =
            verify_total(jobs.pool(), Quantity::count, range, method, total.value, settings);
    }
    return counted;
}

/// The anchor at x, from the last one and the primes between the two.
Anchor moved(JobSeries& jobs, Anchor from, std::uint64_t x, bool verify,
             std::vector<CountedRange>& counts) {
    const auto [low, high] = std::minmax(from.x, x);
    const Range between{low + 1, uint128{high} + 1};
    counts.push_back(count_range(jobs, between, verify));
    const std::uint64_t primes = counts.back().count;
    return {x, x < from.x ? from.primes - primes : from.primes + primes};
}

std::uint64_t walk(Anchor from, std::uint64_t n) {
    if (from.primes < n) {
        for (; from.primes < n; ++from.primes) {
            from.x = *prime_above(from.x);
        }
        return from.x;
    }
    std::uint64_t prime = *prime_below(uint128{from.x} + 1);
    for (; from.primes > n; --from.primes) {
        prime = *prime_below(prime);
    }
    return prime;
}

}  // namespace

NthPrime nth_prime(JobSeries& jobs, std::uint64_t n, bool verify) {
    if (n < 1 || n > primes_below_two_to_64) {
        throw std::invalid_argument(
            fmt::format("there is no prime number {} from 1 to {}", n, primes_below_two_to_64));
    }
    NthPrime result;
    Anchor anchor;
    const long double estimate = estimated_nth_prime(n);
    for (int step = 0; step < max_counts && distance(anchor.primes, n) > walk_limit; ++step) {
        const long double missing = estimate - estimated_nth_prime(anchor.primes);
        const std::uint64_t x = clamped(static_cast<long double>(anchor.x) + missing);
        if (x == anchor.x) {
            break;
        }
        anchor = moved(jobs, anchor, x, verify, result.counts);
    }
    result.prime = walk(anchor, n);
    return result;
}

}  // namespace pinfold::apps

#pragma once

#include <cstdint>

namespace pinfold::apps {

/// Riemann's R(x), which is near the number of primes up to x: off by about sqrt(x) / ln x, and by
/// less than that for most x. For x >= 1. Pure.
///
/// Source: the series of J. P. Gram (1884). Run time: some microseconds.
[[nodiscard]] long double estimated_prime_count(long double x);

/// The x with R(x) = n: near the n-th prime, off by about sqrt(x). 0 for n = 0. Pure.
[[nodiscard]] long double estimated_nth_prime(std::uint64_t n);

}  // namespace pinfold::apps

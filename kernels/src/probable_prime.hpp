#pragma once

#include <cstdint>

#include "montgomery.hpp"

// The two halves of the test of Baillie and Wagstaff (1980) and Pomerance, Selfridge and Wagstaff
// (1980). No composite below 2^64 passes both: Feitsma's list (2013) holds every strong pseudoprime
// to base 2 up to there, and each of them fails the second.
namespace pinfold::kernels {

/// Answers what trial division can: n has a prime factor up to 53, or is below 59^2.
enum class Verdict { composite, prime, open };
Verdict try_small_primes(std::uint64_t n) noexcept;

/// Whether a prime up to 53 divides n, without a branch: for numbers of which nothing is known.
bool has_small_factor(std::uint64_t n) noexcept;

/// Whether an n that try_small_primes left open is a strong probable prime to base 2.
bool is_strong_probable_prime(const Montgomery& mod) noexcept;

/// The end of that test, given 2 to the odd part of n - 1: whether it is 1, or one of its repeated
/// squares is -1.
bool is_strong_end(const Montgomery& mod, std::uint64_t power) noexcept;

/// Whether an n that try_small_primes left open is an almost extra strong Lucas probable prime:
/// Grantham's extra strong test (2001) by the V sequence alone, for Q = 1 and the least P > 2 with
/// (P^2 - 4 | n) = -1.
bool is_lucas_probable_prime(const Montgomery& mod) noexcept;

/// The P of that test, or 0 when n is found to be composite on the way.
std::uint64_t lucas_parameter(std::uint64_t n) noexcept;

}  // namespace pinfold::kernels

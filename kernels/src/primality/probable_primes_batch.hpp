#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

// The tests of probable_prime.hpp for many numbers side by side. Their products depend on one
// another in a chain, so one number alone leaves most of a processor idle.
namespace pinfold::kernels {

/// How many numbers a batch takes at most: enough that those which pass the first test, a sixth of
/// them when they are of 64 random bits, fill the lanes of the second.
inline constexpr std::size_t primality_batch = 1024;

/// Sets passed[i] to whether numbers[i] passes both tests. All numbers must be odd, above 2^32 and
/// left open by try_small_primes; at most primality_batch of them, and as many answers.
using TestBatch = void(std::span<const std::uint64_t> numbers,
                       std::span<std::uint8_t> passed) noexcept;
TestBatch test_batch_scalar;
TestBatch test_batch_avx2;
TestBatch test_batch_avx512ice;

}  // namespace pinfold::kernels

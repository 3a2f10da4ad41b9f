#pragma once

#include <cstddef>
#include <pinfold/kernels/stepwise.hpp>
#include <span>

namespace pinfold::kernels {

/// The limbs of scratch that reciprocal() needs besides GMP's.
[[nodiscard]] constexpr std::size_t reciprocal_scratch_limbs(std::size_t precision) {
    return 4 * precision + 64;
}

/// x = B^(x.size() - 1) / d, where B = 2^64 and d is the number as a fraction: its first bit, which
/// must be 1, stands for 1/2.
///
/// The result is at most the true value, and below it by less than 3 units of its last limb.
/// Run time: that of about two and a half products of x's length (Newton's iteration).
void reciprocal(std::span<Limb> x, std::span<const Limb> d, std::span<Limb> scratch) noexcept;

}  // namespace pinfold::kernels

#pragma once

#include <pinfold/kernels/stepwise.hpp>
#include <span>

namespace pinfold::kernels {

/// Writes the first text.size() digits of a fraction. `fraction` has fraction_limbs(text.size())
/// limbs, which it loses.
///
/// A fraction is at most its true value, and less than 2^-50 units of the last digit below it.
/// Returns whether what follows the digits is so close to 1 that the true value may be above: then
/// the number that the digits are must be one more if the next true digit is 0.
bool write_leaf(std::span<Limb> fraction, std::span<char> text) noexcept;

}  // namespace pinfold::kernels

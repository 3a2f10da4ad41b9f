#pragma once

#include <cstdint>
#include <pinfold/kernels/combinatorial.hpp>

namespace pinfold::kernels {

/// Below this x a sieve is as quick, and the method's inequalities need not hold: its phases are
/// empty, and combine_combinatorial() sieves.
inline constexpr std::uint64_t smallest_combinatorial_x = 1'000'000;

[[nodiscard]] inline bool is_sieved(const CombinatorialPlan& plan) noexcept {
    return plan.x < smallest_combinatorial_x;
}

}  // namespace pinfold::kernels

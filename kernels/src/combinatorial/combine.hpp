#pragma once

#include "combinatorial/leaves/leaves.hpp"

namespace pinfold::kernels {

/// F(x) from all tables and sums.
[[nodiscard]] uint128 combine(const CombinatorialPlan& plan, const Tables& tables,
                              const LeafSums& sums);

}  // namespace pinfold::kernels

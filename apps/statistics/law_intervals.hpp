#pragma once

#include "statistics/estimate.hpp"
#include "statistics/laws.hpp"

namespace pinfold::apps {

// Intervals of 95 % by profile likelihood: all values of a coefficient for which the best law that
// has it leaves no more squares than F(1, n - p) allows, for n samples and p coefficients. Unlike
// standard errors and bootstraps they hold beside a bound too; an end may lie on it. The coverage
// is printed by bench/statistics/coverage.
//
// D. M. Bates and D. G. Watts, Nonlinear Regression Analysis and Its Applications, 1988, section
// 6.1. Run time of each: about 100 microseconds.

[[nodiscard]] Estimate contention_interval(const FittedLaw& fitted, const LawData& data);

/// Of the USL; of Amdahl's law it is 0 without an interval.
[[nodiscard]] Estimate crosstalk_interval(const FittedLaw& fitted, const LawData& data);

/// Of what the law says for that many workers: seconds, or a throughput.
[[nodiscard]] Estimate curve_interval(const FittedLaw& fitted, const LawData& data, double workers);

}  // namespace pinfold::apps

#pragma once

#include <span>
#include <vector>

#include "statistics/estimate.hpp"

namespace pinfold::apps {

/// What two groups of measures say about a change of the one to the other.
struct RankTest {
    /// Of groups that differ as much in either direction, if both came from the same source.
    double probability = 1;
    /// The factor from the first group to the second: the geometric median of all quotients of one
    /// value of each. Its interval leaves out 1 where the probability is below 1 - level, except
    /// for ties.
    Estimate ratio;
};

/// The test of Mann and Whitney, with the estimate of Hodges and Lehmann for logarithms and its
/// interval (M. Hollander, D. A. Wolfe and E. Chicken, Nonparametric Statistical Methods, 3rd ed.,
/// 2014, sections 4.1 to 4.3). Nothing is assumed of the distribution of noise, but that it is the
/// same factor in both groups. With 10 values each and 2 % noise it finds 3 % in five of six cases.
///
/// Exact, ties included, up to 20 values each; beyond, by the normal approximation. The interval's
/// level is exact too, and 0 where there are too few values for one. Throws std::invalid_argument
/// for an empty group and a value that is not finite or not above 0. Run time: about 50
/// microseconds for 10 values each.
[[nodiscard]] RankTest rank_test(std::span<const double> before, std::span<const double> after,
                                 double level = 0.95);

/// The probabilities of several tests, made larger so that all of them together have one false
/// alarm as often as a single test has: S. Holm, "A simple sequentially rejective multiple test
/// procedure", Scand. J. Statist. 6, 1979. In the order in which they came.
[[nodiscard]] std::vector<double> holm(const std::vector<double>& probabilities);

}  // namespace pinfold::apps

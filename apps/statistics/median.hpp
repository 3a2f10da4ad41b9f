#pragma once

#include <optional>
#include <span>
#include <vector>

#include "statistics/estimate.hpp"

namespace pinfold::apps {

/// The median: of an even number of values, the mean of the middle two. Throws
/// std::invalid_argument for no values, and for one that is not finite.
[[nodiscard]] double median(std::vector<double> values);

/// Which of n sorted values, counted from 1, enclose the median of whatever they were drawn from.
struct MedianRanks {
    int low = 0;
    int high = 0;
    double level = 0;  ///< the exact probability that they do
};

/// The narrowest ranks that enclose it with at least that probability: 2 and 9 of 10 values for
/// 95 %, which are right in 97.9 %. With fewer than 6 values there are none for 95 %.
[[nodiscard]] std::optional<MedianRanks> median_ranks(int values, double level = 0.95);

/// The median with an interval between two of the values. Its level is exact for independent values
/// of any continuous distribution, however skewed; with too few values it is 0, and low and high
/// are the median. Throws like median().
///
/// H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., 2003, section 7.1; asked for by T.
/// Hoefler and R. Belli, "Scientific Benchmarking of Parallel Computing Systems", SC15, rule 5.
[[nodiscard]] Estimate median_interval(std::span<const double> values, double level = 0.95);

}  // namespace pinfold::apps

// The number of values below the true median is a fair coin's: each value is below with one half.
// So the median is outside [x(k), x(n+1-k)] when at most k-1 values are on one of its sides, and
// the probability of that is known without knowing the distribution.

#include "statistics/median.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "statistics/quantiles.hpp"

namespace pinfold::apps {

namespace {

/// Throws for what has no median.
void sort_checked(std::vector<double>& values) {
    if (values.empty()) {
        throw std::invalid_argument("no values have no median");
    }
    if (!std::ranges::all_of(values, [](double value) { return std::isfinite(value); })) {
        throw std::invalid_argument("a value that is not finite has no place in a median");
    }
    std::ranges::sort(values);
}

double middle_of(const std::vector<double>& sorted) {
    const std::size_t half = sorted.size() / 2;
    return sorted.size() % 2 == 1 ? sorted[half] : std::midpoint(sorted[half - 1], sorted[half]);
}

}  // namespace

double median(std::vector<double> values) {
    sort_checked(values);
    return middle_of(values);
}

std::optional<MedianRanks> median_ranks(int values, double level) {
    std::optional<MedianRanks> narrowest;
    for (int low = 1; low <= values / 2; ++low) {
        const double inside = 1 - 2 * fair_coin_cdf(values, low - 1);
        if (inside < level) {
            break;
        }
        narrowest = {.low = low, .high = values + 1 - low, .level = inside};
    }
    return narrowest;
}

Estimate median_interval(std::span<const double> values, double level) {
    std::vector<double> sorted(values.begin(), values.end());
    sort_checked(sorted);
    const double middle = middle_of(sorted);
    const auto ranks = median_ranks(static_cast<int>(sorted.size()), level);
    if (!ranks) {
        return {.value = middle, .low = middle, .high = middle, .level = 0};
    }
    return {.value = middle,
            .low = sorted[static_cast<std::size_t>(ranks->low - 1)],
            .high = sorted[static_cast<std::size_t>(ranks->high - 1)],
            .level = ranks->level};
}

}  // namespace pinfold::apps

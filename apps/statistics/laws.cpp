#include "statistics/laws.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "statistics/law_search.hpp"
#include "statistics/quantiles.hpp"

namespace pinfold::apps {

namespace {

void check(Law law, const LawData& data) {
    const int coefficients = FittedLaw{.law = law}.coefficients();
    if (data.groups.size() <= static_cast<std::size_t>(coefficients)) {
        throw std::invalid_argument(std::string(law == Law::amdahl ? "Amdahl's law" : "the USL") +
                                    " has " + std::to_string(coefficients) +
                                    " coefficients and needs more numbers of workers than " +
                                    std::to_string(data.groups.size()));
    }
}

/// The best points of a grid whose steps are such that the most workers lose a twentieth of their
/// time to a coefficient, a third, two thirds and nearly all.
std::vector<Coefficients> grid_starts(Law law, const LawData& data) {
    constexpr std::array<double, 5> losses{0, 0.05, 0.5, 3, 20};
    constexpr std::size_t starts = 2;
    const double workers = data.groups.back().workers;
    std::vector<std::pair<double, Coefficients>> grid;
    for (const double serial : losses) {
        for (const double pairs : losses) {
            if (law == Law::amdahl && pairs > 0) {
                break;
            }
            const Coefficients at{.contention = std::min(1.0, serial / (workers - 1)),
                                  .crosstalk = pairs / (workers * (workers - 1))};
            grid.emplace_back(squares_at(data, at.contention, at.crosstalk).sum, at);
        }
    }
    std::ranges::partial_sort(grid, grid.begin() + starts, {},
                              &std::pair<double, Coefficients>::first);
    return {grid[0].second, grid[1].second};
}

double between(const FittedLaw& fitted, const LawData& data) {
    return std::max(0.0, fitted.squares - data.within);
}

}  // namespace

double relative_time(const Coefficients& law, double workers) {
    return (1 + (law.contention + law.crosstalk * workers) * (workers - 1)) / workers;
}

std::optional<double> peak_workers(const Coefficients& law) {
    if (law.crosstalk <= 0) {
        return std::nullopt;
    }
    return std::max(1.0, std::sqrt((1 - law.contention) / law.crosstalk));
}

FittedLaw fit(Law law, const LawData& data, const std::vector<Coefficients>& starts) {
    check(law, data);
    std::optional<FittedLaw> best;
    for (const Coefficients& start : starts.empty() ? grid_starts(law, data) : starts) {
        const FittedLaw found = search(law, data, {}, start);
        if (!best || found.squares < best->squares) {
            best = found;
        }
    }
    return *best;
}

std::optional<double> lack_of_fit(const FittedLaw& fitted, const LawData& data) {
    const auto groups = static_cast<double>(data.groups.size());
    const double groups_freedom = groups - fitted.coefficients();
    const double samples_freedom = data.samples - groups;
    if (samples_freedom < 1 || data.within <= 0) {
        return std::nullopt;
    }
    const double ratio = (between(fitted, data) / groups_freedom) / (data.within / samples_freedom);
    return fisher_tail(ratio, groups_freedom, samples_freedom);
}

double residual(const FittedLaw& fitted, const LawData& data) {
    const auto groups = static_cast<double>(data.groups.size());
    const double mean_weight = data.samples / groups;
    return std::sqrt(between(fitted, data) / mean_weight / (groups - fitted.coefficients()));
}

}  // namespace pinfold::apps

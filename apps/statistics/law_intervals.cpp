#include "statistics/law_intervals.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "statistics/law_search.hpp"
#include "statistics/quantiles.hpp"

namespace pinfold::apps {

namespace {

constexpr double level = 0.95;
constexpr double precision = 1e-6;  // of an end, relative to its distance from the best value
constexpr int most_looks = 60;

/// The least squares with something held at a value.
using Profile = std::function<double(double value)>;

/// Where a profile reaches a limit. Its root above the least is about a straight line, so a secant
/// finds the place in a few looks.
class Crossing {
  public:
    Crossing(const Profile& profile, double least, double limit)
        : profile_(profile), least_(least), root_(std::sqrt(std::max(0.0, limit - least))) {}

    /// From the best value towards `bound`, which is returned if the limit is not reached.
    [[nodiscard]] double towards(double best, double step, double bound) const {
        if (root_ <= 0) {
            return best;
        }
        double inside = best;
        double inside_height = -root_;
        double outside = best;
        double outside_height = -root_;
        for (int looks = 0; outside_height < 0; ++looks) {
            if (outside == bound || looks == most_looks) {
                return bound;
            }
            inside = outside;
            inside_height = outside_height;
            outside = step > 0 ? std::min(bound, inside + step) : std::max(bound, inside + step);
            outside_height = height(outside);
            // A straight line says how far the rest is; a little beyond, to have it between.
            const double rise = std::max(outside_height - inside_height, root_ / 100);
            step = (outside - inside) * std::clamp(1.1 * -outside_height / rise, 0.5, 100.0);
        }
        return between(inside, inside_height, outside, outside_height);
    }

  private:
    [[nodiscard]] double height(double value) const {
        return std::sqrt(std::max(0.0, profile_(value) - least_)) - root_;
    }

    /// The Illinois form of regula falsi: an end that stays counts half.
    [[nodiscard]] double between(double inside, double inside_height, double outside,
                                 double outside_height) const {
        const double start = inside;
        double middle = outside;
        for (int looks = 0; looks < most_looks; ++looks) {
            const double share = inside_height / (inside_height - outside_height);
            const double last = middle;
            middle = inside + share * (outside - inside);
            const double middle_height = height(middle);
            if (std::abs(middle - last) <= precision * std::abs(middle - start) ||
                std::abs(middle_height) <= precision * root_) {
                break;
            }
            if (middle_height < 0) {
                inside = middle;
                inside_height = middle_height;
                outside_height /= 2;
            } else {
                outside = middle;
                outside_height = middle_height;
                inside_height /= 2;
            }
        }
        return middle;
    }

    const Profile& profile_;
    double least_;
    double root_;
};

/// The sum of squares that 95 % of the intervals need.
double limit_of(const FittedLaw& fitted, const LawData& data) {
    const double freedom = data.samples - fitted.coefficients();
    return fitted.squares * (1 + fisher_quantile(level, 1, freedom) / freedom);
}

/// Of rounding alone there is no interval.
bool is_exact(const FittedLaw& fitted, const LawData& data) {
    double size = 0;
    for (const auto& group : data.groups) {
        size += group.weight * group.mean * group.mean;
    }
    return fitted.squares <= size * std::numeric_limits<double>::epsilon();
}

Estimate interval(const FittedLaw& fitted, const LawData& data, const Profile& profile,
                  Estimate bounds, double step) {
    Estimate found{
        .value = bounds.value, .low = bounds.value, .high = bounds.value, .level = level};
    if (is_exact(fitted, data)) {
        return found;
    }
    const Crossing crossing(profile, fitted.squares, limit_of(fitted, data));
    found.high = crossing.towards(bounds.value, step, bounds.high);
    found.low = crossing.towards(bounds.value, -step, bounds.low);
    return found;
}

}  // namespace

Estimate contention_interval(const FittedLaw& fitted, const LawData& data) {
    FittedLaw last = fitted;
    const Profile profile = [&](double contention) {
        last = search(fitted.law, data, {.contention = contention}, last.at);
        return last.squares;
    };
    const double step = 0.1 * fitted.at.contention + 0.01 / data.groups.back().workers;
    return interval(fitted, data, profile, {.value = fitted.at.contention, .low = 0, .high = 1},
                    step);
}

Estimate crosstalk_interval(const FittedLaw& fitted, const LawData& data) {
    if (fitted.law == Law::amdahl) {
        return {};
    }
    FittedLaw last = fitted;
    const Profile profile = [&](double crosstalk) {
        last = search(fitted.law, data, {.crosstalk = crosstalk}, last.at);
        return last.squares;
    };
    const double workers = data.groups.back().workers;
    const double step = 0.1 * fitted.at.crosstalk + 0.01 / (workers * workers);
    return interval(fitted, data, profile,
                    {.value = fitted.at.crosstalk, .low = 0, .high = most_crosstalk}, step);
}

Estimate curve_interval(const FittedLaw& fitted, const LawData& data, double workers) {
    const bool logs = data.kind == LawData::Kind::log_times;
    const double time = relative_time(fitted.at, workers);
    const double value = logs ? std::log(fitted.at.of_one * time) : fitted.at.of_one / time;
    FittedLaw last = fitted;
    const Profile profile = [&](double mean) {
        last = search(fitted.law, data, {.through = Through{.workers = workers, .mean = mean}},
                      last.at);
        return last.squares;
    };
    // Far outside of the data anything may be possible; a factor of e^7 says so.
    const Estimate bounds = logs ? Estimate{.value = value, .low = value - 7, .high = value + 7}
                                 : Estimate{.value = value, .low = 0, .high = 1000 * value};
    Estimate found = interval(fitted, data, profile, bounds, logs ? 0.01 : 0.01 * value);
    if (logs) {
        found.value = std::exp(found.value);
        found.low = std::exp(found.low);
        found.high = std::exp(found.high);
    }
    return found;
}

}  // namespace pinfold::apps

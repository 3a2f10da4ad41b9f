// A look at how often intervals are right, with limits that only a mistake breaks. The figures, and
// the limits that are promised, are those of bench/statistics/coverage.cpp.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <random>
#include <vector>

#include "statistics/law_intervals.hpp"
#include "statistics/median.hpp"
#include "statistics/rank_test.hpp"
#include "statistics/ratio.hpp"

namespace pinfold::apps {
namespace {

constexpr int trials = 400;

double share(const std::function<bool(std::mt19937_64&)>& trial) {
    std::mt19937_64 random(20);
    int hits = 0;
    for (int run = 0; run < trials; ++run) {
        hits += trial(random) ? 1 : 0;
    }
    return static_cast<double>(hits) / trials;
}

std::vector<double> ten_times(double median, std::mt19937_64& random) {
    std::lognormal_distribution<double> noise(0, 0.02);
    std::vector<double> times(10);
    for (double& time : times) {
        time = median * noise(random);
    }
    return times;
}

bool holds(const Estimate& estimate, double truth) {
    return estimate.low <= truth && truth <= estimate.high;
}

TEST(Coverage, OfMediansIsTheirLevel) {
    const double found =
        share([](auto& random) { return holds(median_interval(ten_times(3, random)), 3); });
    EXPECT_GT(found, 0.95);
}

TEST(Coverage, OfSpeedupsIsTheirLevel) {
    const double found = share([](auto& random) {
        const auto serial = ten_times(8, random);
        return holds(ratio_of_medians(serial, ten_times(2, random), random()), 4);
    });
    EXPECT_GT(found, 0.93);
    EXPECT_LT(found, 0.995);
}

/// How often the intervals of both coefficients hold them.
std::pair<double, double> coverage_of(const Coefficients& law) {
    int crosstalk_hits = 0;
    const double contention = share([&](auto& random) {
        std::vector<TimesOf> times;
        for (const int workers : {1, 2, 4, 8, 16, 32}) {
            times.push_back({workers, ten_times(law.of_one * relative_time(law, workers), random)});
        }
        const LawData data = log_times(times);
        const FittedLaw found = fit(Law::usl, data);
        crosstalk_hits += holds(crosstalk_interval(found, data), law.crosstalk) ? 1 : 0;
        return holds(contention_interval(found, data), law.contention);
    });
    return {contention, static_cast<double>(crosstalk_hits) / trials};
}

TEST(Coverage, OfCoefficientsIsTheirLevel) {
    const auto [contention, crosstalk] = coverage_of({0.05, 1e-3, 10});
    EXPECT_GT(contention, 0.91);
    EXPECT_LT(contention, 0.985);
    EXPECT_GT(crosstalk, 0.91);
    EXPECT_LT(crosstalk, 0.985);
}

TEST(Coverage, HoldsOnTheBoundsToo) {
    const auto [contention, crosstalk] = coverage_of({0.05, 0, 10});
    EXPECT_GT(contention, 0.91);
    EXPECT_GT(crosstalk, 0.91);
    const auto [no_contention, no_crosstalk] = coverage_of({0, 0, 10});
    EXPECT_GT(no_contention, 0.91);
    EXPECT_GT(no_crosstalk, 0.91);
}

TEST(Coverage, OfAComparisonIsItsLevelToo) {
    const auto is_found = [](double factor, auto& random) {
        const auto before = ten_times(1, random);
        return rank_test(before, ten_times(factor, random)).probability <= 0.05;
    };
    EXPECT_GT(share([&](auto& random) { return is_found(1.03, random); }), 0.75);
    EXPECT_LT(share([&](auto& random) { return is_found(1, random); }), 0.075);
}

}  // namespace
}  // namespace pinfold::apps

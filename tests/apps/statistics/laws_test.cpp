// The oracles are what R's package usl publishes and computes for its data sets (S. Moeding, usl:
// Analyze System Scalability with the Universal Scalability Law, CRAN): SPEC SDM91 and a ray
// tracer, both from N. J. Gunther, Guerrilla Capacity Planning.

#include "statistics/laws.hpp"

#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include "statistics/law_intervals.hpp"

namespace pinfold::apps {
namespace {

using Points = std::vector<ThroughputOf>;

const Points specsdm91{{1, 64.9},     {18, 995.9}, {36, 1652.4}, {72, 1853.2},
                       {108, 1828.9}, {144, 1775}, {216, 1702.2}};
const Points raytracer{{1, 20},   {4, 78},   {8, 130},  {12, 170}, {16, 190}, {20, 200},
                       {24, 210}, {28, 230}, {32, 260}, {48, 280}, {64, 310}};

void expect_five_digits(double found, double published) {
    EXPECT_NEAR(found, published, std::abs(published) * 1e-4);
}

TEST(Laws, FitSpecSdm91AsPublished) {
    const FittedLaw found = fit(Law::usl, throughputs(specsdm91));
    EXPECT_NEAR(found.at.contention, 0.0277285, 0.5e-7);
    EXPECT_NEAR(found.at.crosstalk, 0.0001044, 0.5e-7);
    EXPECT_NEAR(found.at.of_one, 89.9952, 0.5e-4);
    EXPECT_NEAR(peak_workers(found.at).value(), 96.52, 0.5e-2);
}

TEST(Laws, FitSixPointsOfTheRayTracerAsPublished) {
    const FittedLaw found = fit(Law::usl, throughputs(std::span(raytracer).first(6)));
    EXPECT_NEAR(found.at.contention, 0.02444, 0.5e-5);
    EXPECT_NEAR(found.at.crosstalk, 0.001627, 0.5e-6);
    EXPECT_NEAR(found.at.of_one, 20.856, 0.5e-3);
}

TEST(Laws, FitTheWholeRayTracerOnTheBound) {
    const FittedLaw found = fit(Law::usl, throughputs(raytracer));
    EXPECT_NEAR(found.at.contention, 0.0577708, 0.5e-7);
    EXPECT_EQ(found.at.crosstalk, 0);
    EXPECT_NEAR(found.at.of_one, 21.8488, 0.5e-4);
    EXPECT_FALSE(peak_workers(found.at));
}

TEST(Laws, FitTheSameFromPoorStarts) {
    for (const auto& data : {throughputs(specsdm91), throughputs(std::span(raytracer).first(6)),
                             throughputs(raytracer)}) {
        const FittedLaw expected = fit(Law::usl, data);
        for (const double contention : {0.0, 1e-6, 0.5, 1.0}) {
            for (const double crosstalk : {0.0, 1e-9, 0.01, most_crosstalk}) {
                SCOPED_TRACE(std::to_string(contention) + " " + std::to_string(crosstalk));
                const FittedLaw found =
                    fit(Law::usl, data,
                        {{.contention = contention, .crosstalk = crosstalk, .of_one = 1e6}});
                EXPECT_NEAR(found.at.contention, expected.at.contention, 1e-7);
                EXPECT_NEAR(found.at.crosstalk, expected.at.crosstalk, 1e-9);
                expect_five_digits(found.at.of_one, expected.at.of_one);
            }
        }
    }
}

/// Times that follow a law, with the same relative noise in every group: its mean is 0.
std::vector<TimesOf> times_of(const Coefficients& law, const std::vector<int>& workers,
                              double noise = 0) {
    std::vector<TimesOf> times;
    for (const int count : workers) {
        const double time = law.of_one * relative_time(law, count);
        times.push_back({count, {time, time * std::exp(noise), time * std::exp(-noise)}});
    }
    return times;
}

const std::vector<int> doubled{1, 2, 4, 8, 16, 32, 64};

TEST(Laws, FindWhatTheTimesWereMadeOf) {
    for (const double contention : {0.0, 0.01, 0.3, 1.0}) {
        for (const double crosstalk : {0.0, 1e-5, 1e-3, 0.1}) {
            SCOPED_TRACE(std::to_string(contention) + " " + std::to_string(crosstalk));
            const Coefficients law{contention, crosstalk, 12.5};
            const FittedLaw found = fit(Law::usl, log_times(times_of(law, doubled, 0.02)));
            EXPECT_NEAR(found.at.contention, contention, 1e-6);
            EXPECT_NEAR(found.at.crosstalk, crosstalk, 1e-6 * crosstalk + 1e-8);
            EXPECT_NEAR(found.at.of_one, 12.5, 1e-5);
            // Two samples of three are .02 from their mean, in 7 groups.
            EXPECT_NEAR(found.squares, 7 * 2 * 0.02 * 0.02, 1e-9);
        }
    }
}

TEST(Laws, HaveAmdahlsWithoutCrosstalk) {
    const FittedLaw found =
        fit(Law::amdahl, log_times(times_of({.contention = 0.05, .of_one = 3}, {1, 2, 4})));
    EXPECT_NEAR(found.at.contention, 0.05, 1e-7);
    EXPECT_EQ(found.at.crosstalk, 0);
    EXPECT_NEAR(found.at.of_one, 3, 1e-6);
    EXPECT_NEAR(relative_time(found.at, 1e9), 0.05, 1e-6);
}

TEST(Laws, WeighAGroupByItsSamples) {
    // The same samples, as one group and as three with the same workers.
    std::vector<TimesOf> whole = times_of({0.02, 1e-4, 5}, {1, 2, 4, 8}, 0.05);
    whole[2].seconds = {1.5, 1.6};
    std::vector<TimesOf> parts;
    for (const TimesOf& group : whole) {
        for (const double time : group.seconds) {
            parts.push_back({group.workers, {time}});
        }
    }
    const FittedLaw one = fit(Law::usl, log_times(whole));
    const FittedLaw other = fit(Law::usl, log_times(parts));
    EXPECT_NEAR(one.at.contention, other.at.contention, 1e-9);
    EXPECT_NEAR(one.squares, other.squares, 1e-12);
}

TEST(Laws, TakeEqualTimesForASerialProgram) {
    const std::vector<TimesOf> same{{1, {2, 2}}, {2, {2, 2}}, {4, {2, 2}}, {8, {2, 2}}};
    const FittedLaw found = fit(Law::usl, log_times(same));
    EXPECT_NEAR(found.at.contention, 1, 1e-6);
    EXPECT_NEAR(found.at.of_one, 2, 1e-6);
}

TEST(Laws, TakeTimesThatRiseForTheMostContention) {
    const std::vector<TimesOf> slower{{1, {2, 2.1}}, {2, {3, 3.1}}, {4, {4, 4.1}}};
    EXPECT_EQ(fit(Law::amdahl, log_times(slower)).at.contention, 1);
}

TEST(Laws, StayAtZeroForSpeedupsBeyondLinear) {
    const std::vector<TimesOf> quick{{1, {8, 8.1}}, {2, {3.9, 4}}, {4, {1.8, 1.9}}, {8, {0.9, 1}}};
    const FittedLaw found = fit(Law::usl, log_times(quick));
    EXPECT_EQ(found.at.contention, 0);
    EXPECT_EQ(found.at.crosstalk, 0);
}

std::string refusal(Law law, const LawData& data) {
    try {
        (void)fit(law, data);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing was refused";
}

TEST(Laws, RefuseTooFewNumbersOfWorkers) {
    EXPECT_EQ(refusal(Law::usl, log_times(times_of({}, {1, 2, 4}))),
              "the USL has 3 coefficients and needs more numbers of workers than 3");
    EXPECT_EQ(refusal(Law::amdahl, log_times(times_of({}, {8}))),
              "Amdahl's law has 2 coefficients and needs more numbers of workers than 1");
    EXPECT_NE(refusal(Law::amdahl, log_times({})), "nothing was refused");
}

TEST(Laws, RefuseWhatIsNoMeasure) {
    for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
        EXPECT_THROW((void)log_times(std::vector<TimesOf>{{1, {1, bad}}}), std::invalid_argument);
        EXPECT_THROW((void)throughputs(Points{{1, bad}}), std::invalid_argument);
    }
    EXPECT_THROW((void)log_times(std::vector<TimesOf>{{0, {1}}}), std::invalid_argument);
}

TEST(Laws, TellWhereTheyDoNotDescribeTheData) {
    std::vector<TimesOf> times = times_of({0.02, 1e-4, 5}, doubled, 0.01);
    const auto lack = [&] {
        const LawData data = log_times(times);
        return lack_of_fit(fit(Law::usl, data), data).value();
    };
    EXPECT_GT(lack(), 0.99);
    for (double& time : times[3].seconds) {
        time *= 1.5;
    }
    EXPECT_LT(lack(), 1e-6);
    const LawData single = throughputs(specsdm91);
    EXPECT_FALSE(lack_of_fit(fit(Law::usl, single), single)) << "nothing tells the noise";
}

// n - p is 4 here, and R gives for the same data: summary(usl)$coefficients, residual standard
// error 64.83, so the sum of squares is 4 * 64.83^2.
TEST(LawIntervals, EncloseTheCoefficients) {
    const LawData data = throughputs(specsdm91);
    const FittedLaw found = fit(Law::usl, data);
    const Estimate contention = contention_interval(found, data);
    EXPECT_EQ(contention.value, found.at.contention);
    EXPECT_EQ(contention.level, 0.95);
    EXPECT_LT(contention.low, contention.value);
    EXPECT_GT(contention.high, contention.value);
    // At an end the best law leaves squares that are larger by F(1, 4) / 4 = 7.7086 / 4.
    for (const double end : {contention.low, contention.high}) {
        double least = HUGE_VAL;
        for (int step = 0; step <= 4000; ++step) {
            const double crosstalk = 0.0004 * step / 4000;
            double over = 0;
            double under = 0;
            for (const auto& [workers, throughput] : specsdm91) {
                const double shape = 1 / relative_time({end, crosstalk, 1}, workers);
                over += shape * throughput;
                under += shape * shape;
            }
            double squares = 0;
            for (const auto& [workers, throughput] : specsdm91) {
                const double shape = 1 / relative_time({end, crosstalk, 1}, workers);
                squares += std::pow(throughput - over / under * shape, 2);
            }
            least = std::min(least, squares);
        }
        EXPECT_NEAR(least / found.squares, 1 + 7.7086 / 4, 2e-3);
    }
}

TEST(LawIntervals, ReachTheBoundWhereItIsPossible) {
    const LawData data = throughputs(raytracer);
    const FittedLaw found = fit(Law::usl, data);
    const Estimate crosstalk = crosstalk_interval(found, data);
    EXPECT_EQ(crosstalk.low, 0);
    EXPECT_GT(crosstalk.high, 1e-6);
    EXPECT_LT(crosstalk.high, 1e-2);
}

TEST(LawIntervals, HaveNoWidthWithoutNoise) {
    const LawData data = log_times(times_of({0.02, 1e-4, 5}, doubled));
    const FittedLaw found = fit(Law::usl, data);
    const Estimate contention = contention_interval(found, data);
    EXPECT_NEAR(contention.low, 0.02, 1e-6);
    EXPECT_NEAR(contention.high, 0.02, 1e-6);
}

TEST(LawIntervals, SayThatAmdahlsLawHasNoCrosstalk) {
    const LawData data = log_times(times_of({.contention = 0.1}, {1, 2, 4}, 0.02));
    EXPECT_EQ(crosstalk_interval(fit(Law::amdahl, data), data).level, 0);
}

TEST(LawIntervals, WidenTheCurveBeyondTheData) {
    const LawData data = log_times(times_of({0.02, 1e-4, 5}, {1, 2, 4, 8}, 0.02));
    const FittedLaw found = fit(Law::usl, data);
    double narrower = 0;
    for (const double workers : {4.0, 16.0, 64.0, 256.0}) {
        const Estimate time = curve_interval(found, data, workers);
        EXPECT_NEAR(time.value, found.at.of_one * relative_time(found.at, workers), 1e-9);
        EXPECT_LT(time.low, time.value);
        EXPECT_GT(time.high, time.value);
        EXPECT_GT(time.high / time.low, narrower);
        narrower = time.high / time.low;
    }
}

/// Noise that a seed tells, so that a property can be looked at again.
std::vector<TimesOf> noisy_times(const Coefficients& law, double noise, unsigned seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::vector<TimesOf> times;
    for (const int workers : doubled) {
        TimesOf group{.workers = workers};
        for (int sample = 0; sample < 10; ++sample) {
            group.seconds.push_back(law.of_one * relative_time(law, workers) *
                                    std::exp(noise * normal(random)));
        }
        times.push_back(group);
    }
    return times;
}

Coefficients any_law() {
    const auto share = [](int most) { return *rc::gen::inRange(0, most) / 1000.0; };
    return {share(500), share(20), 1 + share(9000)};
}

RC_GTEST_PROP(Laws, DoNotDependOnTheUnitOfTime, (unsigned seed)) {
    std::vector<TimesOf> times = noisy_times(any_law(), 0.03, seed);
    const LawData seconds = log_times(times);
    for (TimesOf& group : times) {
        for (double& time : group.seconds) {
            time *= 1000;
        }
    }
    const LawData milliseconds = log_times(times);
    const FittedLaw one = fit(Law::usl, seconds);
    const FittedLaw other = fit(Law::usl, milliseconds);
    RC_ASSERT(std::abs(one.at.contention - other.at.contention) < 1e-6);
    RC_ASSERT(std::abs(one.at.crosstalk - other.at.crosstalk) < 1e-6);
    RC_ASSERT(std::abs(other.at.of_one / one.at.of_one / 1000 - 1) < 1e-5);
    const Estimate wide = contention_interval(one, seconds);
    const Estimate same = contention_interval(other, milliseconds);
    RC_ASSERT(std::abs(wide.low - same.low) < 1e-5);
    RC_ASSERT(std::abs(wide.high - same.high) < 1e-5);
}

// What no law near by does better is a minimum: the oracle knows no derivative.
RC_GTEST_PROP(Laws, LeaveTheLeastSquares, (unsigned seed)) {
    const std::vector<TimesOf> times = noisy_times(any_law(), 0.05, seed);
    const FittedLaw found = fit(Law::usl, log_times(times));
    const auto squares = [&](const Coefficients& law) {
        double sum = 0;
        for (const TimesOf& group : times) {
            for (const double time : group.seconds) {
                const double off =
                    std::log(time / (law.of_one * relative_time(law, group.workers)));
                sum += off * off;
            }
        }
        return sum;
    };
    RC_ASSERT(std::abs(squares(found.at) / found.squares - 1) < 1e-9);
    for (const double step : {-1e-2, -1e-4, 1e-4, 1e-2}) {
        Coefficients other = found.at;
        other.contention = std::clamp(other.contention + step, 0.0, 1.0);
        RC_ASSERT(squares(other) >= found.squares * (1 - 1e-12));
        other = found.at;
        other.crosstalk = std::max(0.0, other.crosstalk * (1 + step) + step * 1e-3);
        RC_ASSERT(squares(other) >= found.squares * (1 - 1e-12));
        other = found.at;
        other.of_one *= 1 + step;
        RC_ASSERT(squares(other) >= found.squares * (1 - 1e-12));
    }
}

}  // namespace
}  // namespace pinfold::apps

#include "statistics/ratio.hpp"

#include <rapidcheck/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "statistics/karp_flatt.hpp"

namespace pinfold::apps {
namespace {

const std::vector<double> serial{10.0, 10.2, 9.9, 10.1, 10.4, 9.8, 10.0, 10.3, 10.1, 9.9};
const std::vector<double> parallel{5.1, 5.0, 5.2, 5.1, 5.3, 4.9, 5.1, 5.2, 5.0, 5.1};

TEST(RatioOfMedians, HasAnIntervalAroundTheRatio) {
    const Estimate speedup = ratio_of_medians(serial, parallel, 1);
    EXPECT_DOUBLE_EQ(speedup.value, 10.05 / 5.1);
    EXPECT_EQ(speedup.level, 0.95);
    EXPECT_LT(speedup.low, speedup.value);
    EXPECT_GT(speedup.high, speedup.value);
    // No resample has medians outside of these.
    EXPECT_GT(speedup.low, 9.8 / 5.3);
    EXPECT_LT(speedup.high, 10.4 / 4.9);
}

TEST(RatioOfMedians, IsTheSameForTheSameSeed) {
    const Estimate once = ratio_of_medians(serial, parallel, 7);
    const Estimate again = ratio_of_medians(serial, parallel, 7);
    EXPECT_EQ(once.low, again.low);
    EXPECT_EQ(once.high, again.high);
}

TEST(RatioOfMedians, IsExactForEqualValues) {
    const std::vector<double> fours(8, 4.0);
    const std::vector<double> twos(6, 2.0);
    const Estimate found = ratio_of_medians(fours, twos, 1);
    EXPECT_EQ(found.value, 2);
    EXPECT_EQ(found.low, 2);
    EXPECT_EQ(found.high, 2);
    EXPECT_EQ(found.level, 0.95);
}

TEST(RatioOfMedians, HasNoIntervalForFewerThanSixValues) {
    const std::vector<double> few{5.0, 5.1, 5.2, 5.3, 5.4};
    const Estimate found = ratio_of_medians(serial, few, 1);
    EXPECT_EQ(found.level, 0);
    EXPECT_EQ(found.low, found.value);
    EXPECT_DOUBLE_EQ(found.value, 10.05 / 5.2);
}

TEST(RatioOfMedians, RefusesWhatHasNoRatio) {
    const std::vector<double> none;
    EXPECT_THROW((void)ratio_of_medians(none, serial, 1), std::invalid_argument);
    EXPECT_THROW((void)ratio_of_medians(serial, none, 1), std::invalid_argument);
    for (const double bad : {0.0, -1.0, std::nan(""), HUGE_VAL}) {
        std::vector<double> values = serial;
        values[3] = bad;
        EXPECT_THROW((void)ratio_of_medians(values, serial, 1), std::invalid_argument) << bad;
        EXPECT_THROW((void)ratio_of_medians(serial, values, 1), std::invalid_argument) << bad;
    }
}

RC_GTEST_PROP(RatioOfMedians, DoesNotDependOnTheUnit, (std::uint64_t seed)) {
    const auto draw = [] {
        return *rc::gen::container<std::vector<double>>(
            9, rc::gen::map(rc::gen::inRange(100, 200), [](int whole) { return whole / 64.0; }));
    };
    const std::vector<double> over = draw();
    const std::vector<double> under = draw();
    const auto in_another_unit = [](std::vector<double> values) {
        for (double& value : values) {
            value *= 1024;  // exact
        }
        return values;
    };
    const Estimate here = ratio_of_medians(over, under, seed);
    const Estimate there = ratio_of_medians(in_another_unit(over), in_another_unit(under), seed);
    RC_ASSERT(here.value == there.value);
    RC_ASSERT(here.low == there.low);
    RC_ASSERT(here.high == there.high);
    RC_ASSERT(here.low <= here.value && here.value <= here.high);
}

// The example of the paper's table: 2 workers with a speedup of 1.95, and what Amdahl's law says.
TEST(KarpFlatt, GivesTheSerialFractionBack) {
    EXPECT_NEAR(karp_flatt(1.95, 2), 0.0256, 0.0001);
    for (const double serial_share : {0.0, 0.01, 0.2, 1.0}) {
        for (const int workers : {2, 3, 64, 1000}) {
            const double speedup = 1 / (serial_share + (1 - serial_share) / workers);
            EXPECT_NEAR(karp_flatt(speedup, workers), serial_share, 1e-12);
        }
    }
}

TEST(KarpFlatt, IsBelowZeroWhereTheSpeedupIsMoreThanLinear) {
    EXPECT_LT(karp_flatt(2.1, 2), 0);
}

TEST(KarpFlatt, RefusesOneWorkerAndNoSpeedup) {
    EXPECT_THROW((void)karp_flatt(1, 1), std::invalid_argument);
    EXPECT_THROW((void)karp_flatt(0, 2), std::invalid_argument);
    EXPECT_THROW((void)karp_flatt(std::nan(""), 2), std::invalid_argument);
}

}  // namespace
}  // namespace pinfold::apps

#include "shell/duration.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace pinfold::apps {
namespace {

using namespace std::chrono_literals;

std::string refusal(const std::string& text) {
    try {
        return "accepted as " + std::to_string(parse_duration("--deadline", text).count()) + " ns";
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

TEST(Duration, ReadsEveryUnit) {
    EXPECT_EQ(parse_duration("--deadline", "20us"), 20us);
    EXPECT_EQ(parse_duration("--deadline", "500ms"), 500ms);
    EXPECT_EQ(parse_duration("--deadline", "2s"), 2s);
    EXPECT_EQ(parse_duration("--deadline", "1m"), 1min);
    EXPECT_EQ(parse_duration("--deadline", "1_0h"), 10h);
    EXPECT_EQ(parse_duration("--deadline", "8760h"), 8760h);
}

TEST(Duration, RefusesANumberWithoutAUnitThatItKnows) {
    for (const std::string text : {"500", "", "2 sec", "1ns", "1d", "s1"}) {
        EXPECT_EQ(refusal(text), "--deadline '" + text +
                                     "' is not a duration such as 500ms, 2s or 1m; the units are "
                                     "us, ms, s, m and h");
    }
}

TEST(Duration, RefusesNothingAndLessThanNothing) {
    EXPECT_EQ(refusal("0s"), "--deadline, in s: '0' is below the limit of 1");
    EXPECT_EQ(refusal("-1s"), "--deadline, in s: '-1' is negative; the least value is 1");
}

TEST(Duration, RefusesMoreThanAYear) {
    EXPECT_EQ(refusal("8761h"), "--deadline, in h: '8761' is above the limit of 8760");
    EXPECT_EQ(refusal("2^64us"), "--deadline, in us: '2^64' is above the limit of 31536000000000");
}

TEST(Duration, RefusesPartsOfAUnit) {
    for (const std::string text : {"1.5s", ".1s", "0.5ms"}) {
        EXPECT_EQ(refusal(text), "--deadline '" + text +
                                     "' is not a whole number of a unit: write 1500ms for 1.5s");
    }
}

}  // namespace
}  // namespace pinfold::apps

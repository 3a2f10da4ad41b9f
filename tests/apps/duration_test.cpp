#include "duration.hpp"

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

TEST(Duration, RefusesANumberWithoutAUnit) {
    EXPECT_EQ(refusal("500"), "--deadline '500' is not a duration such as 500ms, 2s or 1m");
    EXPECT_EQ(refusal(""), "--deadline '' is not a duration such as 500ms, 2s or 1m");
    EXPECT_EQ(refusal("2 sec"), "--deadline '2 sec' is not a duration such as 500ms, 2s or 1m");
}

TEST(Duration, RefusesNothingAndLessThanNothing) {
    EXPECT_EQ(refusal("0s"), "--deadline, in s: '0' is below the limit of 1");
    EXPECT_EQ(refusal("-1s"), "--deadline, in s: '-1' is negative; the least value is 0");
}

TEST(Duration, RefusesMoreThanAYear) {
    EXPECT_EQ(refusal("8761h"), "--deadline, in h: '8761' is above the limit of 8760");
    EXPECT_EQ(refusal("2^64us"), "--deadline, in us: '2^64' is above the limit of 31536000000000");
}

TEST(Duration, RefusesPartsOfAUnit) {
    EXPECT_EQ(refusal("1.5s"), "--deadline, in s: '1.5' is not a whole number");
}

}  // namespace
}  // namespace pinfold::apps

#include "scale/formula.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace pinfold::apps {
namespace {

std::string refusal_of(const std::string& rule, int workers = 1) {
    try {
        static_cast<void>(WeakRule(rule).n(workers));
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "nothing was refused";
}

TEST(WeakRule, EvaluatesAsPeopleWriteFormulas) {
    EXPECT_EQ(WeakRule("n=1e8*{workers}").n(3), 300'000'000U);
    EXPECT_EQ(WeakRule("n=1_000 + {workers} * 2").n(4), 1008U);
    EXPECT_EQ(WeakRule("n=2^3^2 + {workers} - 1").n(1), 512U);
    EXPECT_EQ(WeakRule("n=1e4*sqrt({workers})").n(2), 14142U);
    EXPECT_EQ(WeakRule("n=(1+2)*{workers}^(2-1)/1.5").n(5), 10U);
    EXPECT_EQ(WeakRule("n=100-{workers}-1").n(9), 90U);
    EXPECT_EQ(WeakRule("n=10/log(1e+1*{workers})").n(1), 4U);
}

TEST(WeakRule, IsExactUpToTheLastNumber) {
    EXPECT_EQ(WeakRule("n=2^64-{workers}").n(1), ~std::uint64_t{0});
    EXPECT_EQ(WeakRule("n=18446744073709551615*{workers}").n(1), ~std::uint64_t{0});
    EXPECT_EQ(WeakRule("n=(2^53+1)*{workers}").n(1), (std::uint64_t{1} << 53) + 1);
}

TEST(WeakRule, SaysWhereItIsNotUnderstood) {
    EXPECT_EQ(
        refusal_of("n=1e8*{worker}"),
        "--weak 'n=1e8*{worker}' is not understood from '{worker}' on: a formula has numbers, "
        "{workers}, + - * / ^, sqrt(), log() and parentheses");
    for (const char* const rule : {"n=", "n=(1*{workers}", "n=2*{workers}+"}) {
        EXPECT_NE(refusal_of(rule).find("' ends too early: a formula"), std::string::npos) << rule;
    }
    for (const char* const rule : {"n={workers})", "n=1..2*{workers}", "n={workers}{workers}",
                                   "n=-{workers}", "n=nan*{workers}"}) {
        EXPECT_NE(refusal_of(rule).find("is not understood from"), std::string::npos) << rule;
    }
}

TEST(WeakRule, RefusesWorkThatDoesNotGrowOrDoesNotFit) {
    EXPECT_EQ(refusal_of("n=1e8"), "--weak 'n=1e8' has no {workers}: the work would not grow");
    EXPECT_EQ(refusal_of("n=2^63*{workers}", 2),
              "--weak 'n=2^63*{workers}' is 1.8446744073709552e+19 with 2 workers, not of 1 to "
              "2^64 - 1");
    EXPECT_NE(refusal_of("n=0*{workers}").find("is 0 with 1 worker, not"), std::string::npos);
    EXPECT_NE(refusal_of("n={workers}/0").find("is inf with"), std::string::npos);
    EXPECT_NE(refusal_of("n=" + std::string(9999, '(')).find("is not a rule"), std::string::npos);
    EXPECT_NE(refusal_of("1e8*{workers}").find("is not a rule"), std::string::npos);
}

}  // namespace
}  // namespace pinfold::apps

// What the commands that count and find primes print.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "command.hpp"

namespace pinfold::apps {
namespace {

using Json = nlohmann::json;

TEST(NextPrimeCommand, PrintsThePrimeAboveANumber) {
    EXPECT_EQ(output_of({"next-prime", "0"}), "2\n");
    EXPECT_EQ(output_of({"next-prime", "11"}), "13\n");
    EXPECT_EQ(output_of({"next-prime", "10^18"}), "1000000000000000003\n");
    EXPECT_EQ(output_of({"next-prime", "2^64-60"}), "18446744073709551557\n");
    EXPECT_EQ(output_of({"next-prime", "1e9", "--csv"}), "n,value\n1000000000,1000000007\n");
    const Json object = Json::parse(output_of({"next-prime", "1e9", "--json"}));
    EXPECT_EQ(object["command"], "next-prime");
    EXPECT_EQ(object["n"], "1000000000");
    EXPECT_EQ(object["value"], "1000000007");
    EXPECT_FALSE(object["report"]["isa"].empty());
}

TEST(PrevPrimeCommand, PrintsThePrimeBelowANumber) {
    EXPECT_EQ(output_of({"prev-prime", "3"}), "2\n");
    EXPECT_EQ(output_of({"prev-prime", "7"}), "5\n");
    EXPECT_EQ(output_of({"prev-prime", "10^6+7"}), "1000003\n");
    EXPECT_EQ(output_of({"prev-prime", "2^64"}), "18446744073709551557\n");
    EXPECT_EQ(output_of({"prev-prime", "1e9", "--csv"}), "n,value\n1000000000,999999937\n");
    EXPECT_EQ(Json::parse(output_of({"prev-prime", "1e9", "--json"}))["command"], "prev-prime");
}

}  // namespace
}  // namespace pinfold::apps

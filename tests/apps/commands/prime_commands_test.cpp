// What the commands that count and find primes print.

#include <gtest/gtest.h>

#include <string>

#include "command.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

using Json = ParsedJson;

Json json_of(Command::Arguments arguments) {
    arguments.emplace_back("--json");
    return Json::parse(output_of(arguments));
}

// OEIS A006880.
TEST(PrimeCountCommand, PrintsTheCountAlone) {
    EXPECT_EQ(output_of({"prime-count", "0", "10"}), "4\n");
    EXPECT_EQ(output_of({"prime-count", "3", "7"}), "2\n");
    EXPECT_EQ(output_of({"prime-count", "7", "7"}), "0\n");
    EXPECT_EQ(output_of({"prime-count", "0", "1e7"}), "664579\n");
    EXPECT_EQ(output_of({"prime-count", "2^64-59", "2^64"}), "1\n");
    EXPECT_EQ(output_of({"prime-count", "0", "1e6", "--verify"}), "78498\n");
    EXPECT_EQ(output_of({"prime-count", "0", "1e11", "--verify"}), "4118054813\n");
    EXPECT_EQ(output_of({"prime-count", "10^10", "10^11"}), "3663002302\n");
}

TEST(PrimeCountCommand, PrintsTheSameByEveryMethodAndCrew) {
    const std::string by_trial = output_of({"prime-count", "10^11", "+1000", "--method", "trial"});
    for (const char* method : {"auto", "sieve", "hybrid", "combinatorial"}) {
        for (const char* crew : {"serial", "threads", "processes"}) {
            EXPECT_EQ(
                output_of({"prime-count", "10^11", "+1000", "--method", method, "--crew", crew}),
                by_trial);
        }
    }
}

TEST(PrimeCountCommand, PrintsCsvAndJson) {
    EXPECT_EQ(output_of({"prime-count", "0", "100", "--csv"}),
              "begin,end,method,value\n0,100,sieve,25\n");
    const Json object = json_of({"prime-count", "0", "100"});
    EXPECT_EQ(object["command"], "prime-count");
    EXPECT_EQ(object["value"], "25");
    EXPECT_FALSE(object.contains("count"));
    EXPECT_FALSE(object["report"]["isa"].empty());
    EXPECT_FALSE(object["report"]["why"].empty());
}

TEST(PrimeCountCommand, CountsBelowEachEnd) {
    EXPECT_EQ(output_of({"prime-count", "--each", "10:31:10"}), "10 4\n20 8\n30 10\n");
    EXPECT_EQ(output_of({"prime-count", "--each", "10:31:10", "--csv"}),
              "end,value\n10,4\n20,8\n30,10\n");
    const Json object = json_of({"prime-count", "--each", "10:31:10"});
    EXPECT_EQ(object["value"], "22");
    EXPECT_EQ(object["rows"][2], Json::parse(R"({"end":"30","value":"10"})"));
}

// OEIS A006988.
TEST(NthPrimeCommand, PrintsThePrimeAlone) {
    EXPECT_EQ(output_of({"nth-prime", "1"}), "2\n");
    EXPECT_EQ(output_of({"nth-prime", "1e6"}), "15485863\n");
    EXPECT_EQ(output_of({"nth-prime", "10^10"}), "252097800623\n");
    EXPECT_EQ(output_of({"nth-prime", "10^5", "--verify", "--crew", "threads"}), "1299709\n");
    EXPECT_EQ(output_of({"nth-prime", "1000", "--csv"}), "n,value\n1000,7919\n");
}

TEST(NthPrimeCommand, PrintsWhatItCounted) {
    const Json object = json_of({"nth-prime", "1e6", "--workers", "2", "--pin", "none"});
    EXPECT_EQ(object["n"], "1000000");
    EXPECT_EQ(object["value"], "15485863");
    const Json counts = object["report"]["counts"];
    ASSERT_FALSE(counts.empty());
    EXPECT_EQ(counts[0]["begin"], "1");
    EXPECT_FALSE(counts[0]["method"].empty());
    EXPECT_FALSE(counts[0]["why"].empty());
    EXPECT_FALSE(object["report"]["workers"].empty());
    EXPECT_EQ(json_of({"nth-prime", "5"})["report"]["counts"], Json::array());
}

TEST(NextPrimeCommand, PrintsThePrimeAboveANumber) {
    EXPECT_EQ(output_of({"next-prime", "0"}), "2\n");
    EXPECT_EQ(output_of({"next-prime", "11"}), "13\n");
    EXPECT_EQ(output_of({"next-prime", "10^18"}), "1000000000000000003\n");
    EXPECT_EQ(output_of({"next-prime", "2^64-60"}), "18446744073709551557\n");
    EXPECT_EQ(output_of({"next-prime", "1e9", "--csv"}), "n,value\n1000000000,1000000007\n");
    const Json object = json_of({"next-prime", "1e9"});
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
    EXPECT_EQ(json_of({"prev-prime", "1e9"})["command"], "prev-prime");
}

}  // namespace
}  // namespace pinfold::apps

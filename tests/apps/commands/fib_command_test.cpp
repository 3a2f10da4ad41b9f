// How `pinfold fib` writes one exact number, and what it refuses.

#include <gtest/gtest.h>

#include <string>

#include "command.hpp"
#include "parsed_json.hpp"

namespace pinfold::apps {
namespace {

using Json = ParsedJson;

TEST(ExactNumber, IsWrittenInHexadecimal) {
    EXPECT_EQ(output_of({"fib", "0", "--hex"}), "0\n");
    EXPECT_EQ(output_of({"fib", "100", "--hex"}), "1333db76a7c594bfc3\n");
    EXPECT_EQ(output_of({"fib", "0", "11", "--sum", "--hex"}), "8f\n");
    EXPECT_EQ(output_of({"fib", "100", "--hex", "--csv"}),
              "n,base,value\n100,16,1333db76a7c594bfc3\n");
}

// printf 354224848179261915075 | sha256sum
TEST(ExactNumber, IsHashedByItsDigits) {
    EXPECT_EQ(output_of({"fib", "100", "--hash"}),
              "sha256:9f3cd0550139d594df1a95c59b7cac2469e3f594ead276485b23a5016f09e830\n");
    const Json object = Json::parse(output_of({"fib", "100", "--hash", "--json"}));
    EXPECT_EQ(object["value"],
              "sha256:9f3cd0550139d594df1a95c59b7cac2469e3f594ead276485b23a5016f09e830");
}

TEST(ExactNumber, OfManyPiecesIsWhole) {
    const std::string text = output_of({"fib", "1000000", "--workers", "2"});
    ASSERT_EQ(text.size(), 208'988U + 1);
    EXPECT_EQ(text.substr(0, 20), "19532821287077577316");
    EXPECT_EQ(text.substr(text.size() - 21), "68996526838242546875\n");
    const Json object = Json::parse(output_of({"fib", "1000000", "--workers", "1", "--json"}));
    EXPECT_EQ(object["value"].get<std::string>() + "\n", text);
    EXPECT_EQ(object["n"], "1000000");
    EXPECT_EQ(object["report"]["deaths"], 0);
    EXPECT_EQ(output_of({"fib", "1000000", "--csv", "--crew", "threads"}),
              "n,value\n1000000," + text);
}

TEST(ExactNumber, IsRefusedWithBothNumbers) {
    const auto refused = [](const Command::Arguments& arguments) {
        const Outcome outcome = run_command(arguments);
        EXPECT_EQ(outcome.status, 2) << outcome.error;
        EXPECT_EQ(outcome.output, "");
        EXPECT_FALSE(outcome.processes_left);
        return outcome.error;
    };
    EXPECT_NE(refused({"fib", "197000000001"}).find("the limit is F(197000000000)"),
              std::string::npos);
    EXPECT_NE(refused({"fib", "5", "--mod", "7", "--hex"}).find("--hex"), std::string::npos);
    EXPECT_NE(refused({"fib", "0", "5", "--hash"}).find("--hash"), std::string::npos);
    EXPECT_NE(refused({"fib", "5", "--grain", "3"}).find("--grain '3'"), std::string::npos);
}

// Even the largest machines have less than 2^64 bytes, and the digits of all numbers need more.
TEST(ExactNumber, TablesBeyondTheFreeMemoryAreRefused) {
    const Outcome outcome = run_command({"fib", "0", "1e11"});
    EXPECT_EQ(outcome.status, 2);
    EXPECT_NE(outcome.error.find("MiB of memory"), std::string::npos) << outcome.error;
    EXPECT_NE(outcome.error.find("MiB are free"), std::string::npos) << outcome.error;
}

}  // namespace
}  // namespace pinfold::apps

#include <gtest/gtest.h>

#include <pinfold/affinity/pin_policy.hpp>

#include "error_text.hpp"

namespace pinfold::affinity {
namespace {

using test::names;
using test::refusal;
using Kind = PinPolicy::Kind;

TEST(PinPolicy, ReadsBackWhatItWrites) {
    for (const std::string text : {"cores", "compact", "scatter", "none", "0", "0,2,4-7", "3,1",
                                   "cores@numa:0", "compact@numa:1", "scatter@numa:12"}) {
        EXPECT_EQ(to_string(parse_pin_policy(text)), text);
    }
}

TEST(PinPolicy, ReadsKindListAndNode) {
    EXPECT_EQ(parse_pin_policy("cores").kind, Kind::cores);
    EXPECT_EQ(parse_pin_policy("none").kind, Kind::none);
    EXPECT_EQ(parse_pin_policy("compact@numa:3").numa_node, 3);
    const auto list = parse_pin_policy("5,0-1");
    EXPECT_EQ(list.kind, Kind::list);
    EXPECT_EQ(list.cpus, (std::vector<int>{5, 0, 1}));
}

TEST(PinPolicy, NamesAnUnknownPolicyAndTheKnownOnes) {
    for (const std::string text : {"", "core", "Cores", "cores ", "close", "-1", "@numa:0"}) {
        const auto refused = refusal([&] { (void)parse_pin_policy(text); });
        EXPECT_TRUE(names(refused, "'" + text + "'"));
        EXPECT_TRUE(names(refused, "cores, compact, scatter, none"));
    }
}

TEST(PinPolicy, NamesABadNode) {
    for (const std::string node : {"", "x", "-1", "1.0", "99999999999"}) {
        const auto text = "cores@numa:" + node;
        EXPECT_TRUE(names(refusal([&] { (void)parse_pin_policy(text); }), "'" + node + "'"));
    }
    EXPECT_TRUE(names(refusal([] { (void)parse_pin_policy("cores@socket:1"); }), "@numa:N"));
}

TEST(PinPolicy, RefusesANodeWhereItCouldNotBeHonoured) {
    EXPECT_TRUE(names(refusal([] { (void)parse_pin_policy("none@numa:0"); }), "none@numa:0"));
    EXPECT_TRUE(names(refusal([] { (void)parse_pin_policy("0-3@numa:0"); }), "0-3@numa:0"));
}

}  // namespace
}  // namespace pinfold::affinity

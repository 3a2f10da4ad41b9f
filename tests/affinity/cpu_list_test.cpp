#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>
#include <pinfold/affinity/cpu_list.hpp>
#include <set>

#include "error_text.hpp"

namespace pinfold::affinity {
namespace {

using test::names;
using test::refusal;
using List = std::vector<int>;

TEST(CpuList, ReadsNumbersAndRangesInTheirOrder) {
    EXPECT_EQ(parse_cpu_list("0,2,4-7"), (List{0, 2, 4, 5, 6, 7}));
    EXPECT_EQ(parse_cpu_list("3,1"), (List{3, 1}));
    EXPECT_EQ(parse_cpu_list("5-5"), (List{5}));
    EXPECT_EQ(parse_cpu_list("8191"), (List{8191}));
}

TEST(CpuList, NamesTheWordThatIsNoCpu) {
    for (const std::string word : {"x", "-1", "1.5", "1-", "-", "4-x", "8192", "0-8192", " 1", "+1",
                                   "99999999999999999999", "1-2-3"}) {
        const auto text = refusal([&] { (void)parse_cpu_list("0," + word); });
        EXPECT_TRUE(names(text, "'" + word + "'"));
        EXPECT_TRUE(names(text, "8191"));
    }
}

TEST(CpuList, RefusesEmptyWords) {
    for (const std::string list : {"", ",", "1,", ",1", "1,,2"}) {
        EXPECT_TRUE(names(refusal([&] { (void)parse_cpu_list(list); }), "'' in the CPU list"));
    }
}

TEST(CpuList, RefusesAFallingRangeAndASecondMention) {
    EXPECT_TRUE(names(refusal([] { (void)parse_cpu_list("7-4"); }), "'7-4'"));
    EXPECT_TRUE(names(refusal([] { (void)parse_cpu_list("0-3,2"); }), "CPU 2 a second time"));
}

TEST(CpuList, WritesTheShortestText) {
    EXPECT_EQ(format_cpu_list(List{}), "");
    EXPECT_EQ(format_cpu_list(List{0, 1, 2, 3, 8}), "0-3,8");
    EXPECT_EQ(format_cpu_list(List{3, 2, 1}), "3,2,1");
}

RC_GTEST_PROP(CpuList, ReadsBackWhatItWrites, ()) {
    const auto list = *rc::gen::unique<List>(rc::gen::inRange(0, max_cpu + 1));
    RC_PRE(!list.empty());
    RC_ASSERT(parse_cpu_list(format_cpu_list(list)) == list);
}

RC_GTEST_PROP(CpuList, RefusesOrReadsAnyTextOfItsLetters, ()) {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0129,-")));
    try {
        const auto list = parse_cpu_list(text);
        RC_ASSERT(std::set<int>(list.begin(), list.end()).size() == list.size());
        RC_ASSERT(parse_cpu_list(format_cpu_list(list)) == list);
    } catch (const std::invalid_argument&) {
        RC_SUCCEED("refused");
    }
}

}  // namespace
}  // namespace pinfold::affinity

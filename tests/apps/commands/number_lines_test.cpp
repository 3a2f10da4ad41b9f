#include "jobs/primality/number_lines.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands/number_line.hpp"
#include "number_lines_in_ranges.hpp"

namespace pinfold::apps {
namespace {

using Numbers = std::vector<std::uint64_t>;

constexpr std::uint64_t most = 0 - std::uint64_t{1};

Findings read_whole(std::string_view text) {
    return read_in_ranges(text, std::max<std::size_t>(text.size(), 1));
}

std::string complaint(std::string_view text, std::size_t begin) {
    try {
        check_number_line("line 1 of it", text, begin);
    } catch (const std::invalid_argument& flaw) {
        return flaw.what();
    }
    return "";
}

TEST(NumberLines, HoldOneNumberEach) {
    EXPECT_EQ(read_whole("7\n11\n13\n"), (Findings{{7, 11, 13}, 3, {}}));
    EXPECT_EQ(read_whole("0\n18446744073709551615\n"), (Findings{{0, most}, 2, {}}));
}

TEST(NumberLines, MayEndLikeThoseOfWindowsOrNotAtAll) {
    EXPECT_EQ(read_whole("7\r\n11\r\n13\r\n"), (Findings{{7, 11, 13}, 3, {}}));
    EXPECT_EQ(read_whole("7\n11"), (Findings{{7, 11}, 2, {}}));
    EXPECT_EQ(read_whole("7\r\n11\r"), (Findings{{7, 11}, 2, {}}));
}

TEST(NumberLines, MayBeBlank) {
    EXPECT_EQ(read_whole(""), (Findings{{}, 0, {}}));
    EXPECT_EQ(read_whole("\n\n\n"), (Findings{{}, 3, {}}));
    EXPECT_EQ(read_whole("\n \t\n7\n\r\n   "), (Findings{{7}, 5, {}}));
    EXPECT_EQ(read_whole("\t 7 \v\f\n"), (Findings{{7}, 1, {}}));
}

TEST(NumberLines, AreWrittenAsOnTheCommandLine) {
    EXPECT_EQ(read_whole("1e6\n2^61-1\n1_000\n2^64-59\n10+1\n").numbers,
              (Numbers{1'000'000, (std::uint64_t{1} << 61) - 1, 1'000, most - 58, 11}));
    EXPECT_EQ(read_whole(std::string(44, '0') + "18446744073709551615").numbers, Numbers{most});
}

TEST(NumberLines, WithDigitsOfEveryLengthAreExact) {
    std::string text;
    Numbers expected;
    for (std::uint64_t n = 1; n < most / 10; n = n * 10 + n % 9 + 1) {
        for (const std::uint64_t near : {n - 1, n, most - n}) {
            expected.push_back(near);
            text += std::to_string(near) + "\n";
        }
    }
    EXPECT_EQ(read_whole(text).numbers, expected);
}

TEST(NumberLines, ThatAreNoNumbersEndTheReading) {
    for (const std::string bad :
         {"x", "7x", "7,", "-7", "1.5", "18446744073709551616", "19999999999999999999",
          "20000000000000000000", "99999999999999999999", "100000000000000000000", "7 8", "7\t8",
          "7\r8", "1e", "2^64", "\xef\xbb\xbf"}) {
        const std::string text = "3\n\n" + bad + "\n5\n";
        EXPECT_EQ(read_whole(text), (Findings{{3}, 2, 3})) << bad;
        EXPECT_EQ(read_whole("3\n\n" + bad), (Findings{{3}, 2, 3})) << bad;
        EXPECT_NE(complaint(text, 3), "") << bad;
    }
    EXPECT_EQ(read_whole(std::string("3\n7\0\n", 5)), (Findings{{3}, 1, 2}));
    EXPECT_EQ(read_whole(std::string("\0", 1)), (Findings{{}, 0, 0}));
}

TEST(NumberLines, AreReadOnceWhereverTheTextIsCut) {
    const std::string text = "\n12345678901\r\n\n 7\n11 \n1e3\n\n\n0\n18446744073709551615";
    const Findings expected{{12345678901, 7, 11, 1000, 0, most}, 10, {}};
    for (std::size_t grain = 1; grain <= text.size() + 1; ++grain) {
        EXPECT_EQ(read_in_ranges(text, grain), expected) << grain;
    }
}

TEST(NumberLines, OfAnyLengthTakeTimeThatIsLinear) {
    constexpr std::size_t long_size = 8'000'000;
    for (const char filler : {'7', '0', ' ', 'x'}) {
        const std::string text(long_size, filler);
        const Findings found = read_in_ranges(text, 1000);
        EXPECT_EQ(found.flaw.has_value(), filler != ' ');
        EXPECT_LE(complaint(text, 0).size(), 150U);
    }
}

TEST(Complaints, NameTheWordAndTheLimit) {
    EXPECT_EQ(complaint("18446744073709551616\n", 0),
              "line 1 of it: '18446744073709551616' is above the limit of 2^64 - 1");
    EXPECT_EQ(complaint("3\n 7 8\n", 2), "line 1 of it has a second word, '8', behind '7'");
    EXPECT_EQ(complaint("-7", 0), "line 1 of it: '-7' is negative; the least value is 0");
    EXPECT_TRUE(complaint("seven", 0).starts_with("line 1 of it: 'seven' is not a number"));
    EXPECT_TRUE(complaint("\xef\xbb\xbf"
                          "7",
                          0)
                    .starts_with("line 1 of it: '\\xef\\xbb\\xbf7' is not a number"));
    EXPECT_EQ(complaint(std::string(65, '1'), 0),
              "line 1 of it: '" + std::string(64, '1') + "...' is longer than any number");
}

TEST(Complaints, AreNotMadeOfGoodLines) {
    for (const char* good : {"7\n", "  7  \r\n8", "\n", "", "   ", "2^61-1"}) {
        EXPECT_EQ(complaint(good, 0), "") << good;
    }
}

RC_GTEST_PROP(NumberLines, AreReadAsTheyWereWritten, (const Numbers& numbers)) {
    std::string text;
    for (const std::uint64_t n : numbers) {
        text += std::string(*rc::gen::inRange<std::size_t>(0, 3), ' ') + std::to_string(n) +
                *rc::gen::elementOf(std::vector<std::string>{"\n", "\r\n", " \n", "\n\n"});
    }
    const auto grain = *rc::gen::inRange<std::size_t>(1, 40);
    const Findings found = read_in_ranges(text, grain);
    RC_ASSERT(found.numbers == numbers);
    RC_ASSERT(!found.flaw.has_value());
    RC_ASSERT(found.lines == static_cast<std::uint64_t>(std::ranges::count(text, '\n')));
}

}  // namespace
}  // namespace pinfold::apps

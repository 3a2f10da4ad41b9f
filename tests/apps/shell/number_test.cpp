#include "shell/number.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>

namespace pinfold::apps {
namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();
constexpr Bounds up_to_2_64{0, two_to_64};

std::string refusal(const std::string& text, Bounds bounds = {}) {
    try {
        const uint128 value = parse_number("N", text, bounds);
        return "accepted as " + to_decimal(value);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

std::string range_refusal(const std::string& begin, const std::string& end) {
    try {
        const Range range = parse_range(begin, end);
        return "accepted as " + to_decimal(range.begin) + " to " + to_decimal(range.end);
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
}

bool mentions(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

TEST(Number, ReadsThePlainForms) {
    EXPECT_TRUE(parse_number("N", "0") == 0);
    EXPECT_TRUE(parse_number("N", "007") == 7);
    EXPECT_TRUE(parse_number("N", "1000000") == 1'000'000);
    EXPECT_TRUE(parse_number("N", "1_000_000") == 1'000'000);
    EXPECT_TRUE(parse_number("N", "18446744073709551615") == largest);
}

TEST(Number, ReadsPowersAndExponents) {
    EXPECT_TRUE(parse_number("N", "1e9") == 1'000'000'000);
    EXPECT_TRUE(parse_number("N", "1E9") == 1'000'000'000);
    EXPECT_TRUE(parse_number("N", "10^12") == 1'000'000'000'000);
    EXPECT_TRUE(parse_number("N", "2^32") == std::uint64_t{1} << 32);
    EXPECT_TRUE(parse_number("N", "2^64", up_to_2_64) == two_to_64);
    EXPECT_TRUE(parse_number("N", "1_0^1_2") == 1'000'000'000'000);
    EXPECT_TRUE(parse_number("N", "7^0") == 1);
    EXPECT_TRUE(parse_number("N", "0^7") == 0);
}

TEST(Number, ReadsADecimalPointWhenTheValueIsWhole) {
    EXPECT_TRUE(parse_number("N", "1.5e3") == 1500);
    EXPECT_TRUE(parse_number("N", "2.50e1") == 25);
    EXPECT_TRUE(parse_number("N", "3.0") == 3);
    // No floating-point type holds this one exactly.
    EXPECT_TRUE(parse_number("N", "1.8446744073709551615e19") == largest);
}

TEST(Number, ReadsAnExponentWithASign) {
    EXPECT_TRUE(parse_number("N", "1e+6") == 1'000'000);
    EXPECT_TRUE(parse_number("N", "1E+06") == 1'000'000);
    EXPECT_TRUE(parse_number("N", "1.5e+3") == 1500);
    EXPECT_TRUE(parse_number("N", "1e+6+1e+3") == 1'001'000);
    EXPECT_TRUE(parse_number("N", "1e+6-1e+0") == 999'999);
    EXPECT_TRUE(parse_number("N", "7+1e+3") == 1007);
    EXPECT_TRUE(parse_number("N", "1500e-2") == 15);
    EXPECT_TRUE(parse_number("N", "15.00e-0") == 15);
    EXPECT_TRUE(parse_number("N", "0e-99999999999999999999") == 0);
    EXPECT_EQ(refusal("1e-3"), "N '1e-3' is not a whole number");
    EXPECT_EQ(refusal("10e-99999999999999999999999999999999999999999"),
              "N '10e-99999999999999999999999999999999999999999' is not a whole number");
    EXPECT_EQ(refusal("1e+99999999999999999999999999999999999999999"),
              "N '1e+99999999999999999999999999999999999999999' is above the limit of 2^64 - 1");
    const Range range = parse_range("1e+6", "+1e+3");
    EXPECT_TRUE(range.begin == 1'000'000 && range.end == 1'001'000);
}

TEST(Number, IsExactWhereDoublesAreNot) {
    EXPECT_TRUE(parse_number("N", "9007199254740993") == 9007199254740993U);
    EXPECT_TRUE(parse_number("N", "1e19") == 10'000'000'000'000'000'000U);
    EXPECT_TRUE(parse_number("N", "3^40") == 12'157'665'459'056'928'801U);
}

TEST(Number, AddsAndSubtracts) {
    EXPECT_TRUE(parse_number("N", "2^61-1") == 2305843009213693951U);
    EXPECT_TRUE(parse_number("N", "10^12+1e6") == 1'000'001'000'000U);
    EXPECT_TRUE(parse_number("N", "2^64-1") == largest);
    EXPECT_EQ(refusal("5-10"), "N '5-10' is negative; the least value is 0");
    EXPECT_EQ(refusal("2^64-1+1"),
              "N '2^64-1+1' is not a number such as 1000000, 1_000_000, 1e6 or 10^6");
    EXPECT_EQ(refusal("2^63+2^63"), "N '2^63+2^63' is above the limit of 2^64 - 1");
}

TEST(Number, RefusesWhatIsNoNumber) {
    for (const char* text :
         {"",      " ",       "abc",    "1a",   "0x10",  "1e",    "e9",  "1.",   ".5",    "1..5",
          "1e1.5", "^2",      "2^",     "2^^3", "2^3^4", "_1",    "1_",  "1__0", "1e_9",  "1 000",
          " 1",    "1 ",      "+1",     "--1",  "-",     "1,000", "1e+", "1e-",  "1e+-3", "1e++3",
          "e+3",   "1e+3e+3", "2^1e+3", "2^-1", "inf",   "nan",   "\n",  "١"}) {
        EXPECT_TRUE(mentions(refusal(text), "is not a number")) << text << ": " << refusal(text);
    }
}

TEST(Number, RefusesNegativeAndFractionalNumbers) {
    EXPECT_EQ(refusal("-5"), "N '-5' is negative; the least value is 0");
    EXPECT_EQ(refusal("-1e9"), "N '-1e9' is negative; the least value is 0");
    EXPECT_EQ(refusal("-5", {1, 1024}), "N '-5' is negative; the least value is 1");
    EXPECT_EQ(refusal("5-6", {3, 1024}), "N '5-6' is negative; the least value is 3");
    EXPECT_EQ(refusal("-5+6", {3, 1024}), "N '-5+6' is negative; the least value is 3");
    EXPECT_EQ(refusal("1.5"), "N '1.5' is not a whole number");
    EXPECT_EQ(refusal("1.5e0"), "N '1.5e0' is not a whole number");
    EXPECT_EQ(refusal("1.25e1"), "N '1.25e1' is not a whole number");
}

TEST(Number, NamesTheLimitThatIsBroken) {
    EXPECT_EQ(refusal("2^64"), "N '2^64' is above the limit of 2^64 - 1");
    EXPECT_EQ(refusal("18446744073709551616"),
              "N '18446744073709551616' is above the limit of 2^64 - 1");
    EXPECT_EQ(refusal("18446744073709551617", up_to_2_64),
              "N '18446744073709551617' is above the limit of 2^64");
    EXPECT_EQ(refusal("2^64", {0, two_to_64 - 60}), "N '2^64' is above the limit of 2^64 - 60");
    EXPECT_EQ(refusal("0", {1, 1024}), "N '0' is below the limit of 1");
    EXPECT_EQ(refusal("1e9", {1, 1024}), "N '1e9' is above the limit of 1024");
}

TEST(Number, RefusesAbsurdSizesAtOnce) {
    const std::string nines(100'000, '9');
    for (const std::string& text :
         {nines, "1e" + nines, "9^" + nines, nines + "^" + nines, std::string("2^128"),
          std::string("1e39"), std::string("340282366920938463463374607431768211456")}) {
        EXPECT_TRUE(mentions(refusal(text), "is above the limit"));
    }
    EXPECT_TRUE(parse_number("N", "0e" + nines) == 0);
    EXPECT_TRUE(parse_number("N", "1^" + nines) == 1);
}

TEST(RangeOfNumbers, ReadsEveryFormOfItsEnd) {
    EXPECT_EQ(parse_range("0", "1e9"), (Range{0, 1'000'000'000}));
    EXPECT_EQ(parse_range("100", "+50"), (Range{100, 150}));
    EXPECT_EQ(parse_range("0", "2^32+1e3"), (Range{0, (uint128{1} << 32) + 1000}));
    EXPECT_EQ(parse_range("0", "2^64-59"), (Range{0, two_to_64 - 59}));
    EXPECT_EQ(parse_range("2^64-1000", "2^64-1"), (Range{largest - 999, largest}));
}

TEST(RangeOfNumbers, MayEndAt2To64AndMayBeEmpty) {
    EXPECT_EQ(parse_range("18446744073709551615", "2^64"), (Range{largest, two_to_64}));
    EXPECT_EQ(parse_range("18446744073709551615", "+1"), (Range{largest, two_to_64}));
    EXPECT_TRUE(parse_range("5", "5").empty());
    EXPECT_TRUE(parse_range("5", "+0").empty());
}

TEST(RangeOfNumbers, RefusesAnEndBelowTheBegin) {
    EXPECT_EQ(range_refusal("10", "5"),
              "END 5 is below BEGIN 10; the least END is BEGIN, for an empty range");
    EXPECT_EQ(range_refusal("10", "12-3"),
              "END 9 is below BEGIN 10; the least END is BEGIN, for an empty range");
}

TEST(RangeOfNumbers, RefusesEndsOutsideTheIntegers) {
    EXPECT_EQ(range_refusal("0", "5-10"), "END '5-10' is negative; the least value is 0");
    EXPECT_EQ(range_refusal("0", "-5"), "END '-5' is negative; the least value is 0");
    EXPECT_EQ(range_refusal("0", "2^64+1"), "END '2^64+1' is above the limit of 2^64");
    EXPECT_EQ(range_refusal("1", "+2^64"), "END '+2^64' is above the limit of 2^64");
    EXPECT_EQ(range_refusal("2^64", "2^64"), "BEGIN '2^64' is above the limit of 2^64 - 1");
    EXPECT_TRUE(mentions(range_refusal("0", "5+"), "is not a number"));
    EXPECT_TRUE(mentions(range_refusal("0", "+"), "is not a number"));
    EXPECT_TRUE(mentions(range_refusal("0", "1+2+3"), "is not a number"));
}

RC_GTEST_PROP(Number, ReadsBackWhatWasWritten, (std::uint64_t n)) {
    RC_ASSERT(parse_number("N", std::to_string(n)) == n);
    RC_ASSERT(to_decimal(n) == std::to_string(n));
}

RC_GTEST_PROP(Number, IgnoresUnderscoresBetweenDigits, (std::uint64_t n)) {
    std::string spaced;
    for (const char digit : std::to_string(n)) {
        if (!spaced.empty() && *rc::gen::arbitrary<bool>()) {
            spaced += '_';
        }
        spaced += digit;
    }
    RC_ASSERT(parse_number("N", spaced) == n);
}

RC_GTEST_PROP(Number, MovesThePointByTheExponent, (std::uint64_t n)) {
    const std::string digits = std::to_string(n);
    const auto whole = *rc::gen::inRange<std::size_t>(1, digits.size() + 1);
    const std::size_t decimals = digits.size() - whole;
    const std::string point = decimals == 0 ? "" : "." + digits.substr(whole);
    const std::string text = digits.substr(0, whole) + point + "e" + std::to_string(decimals);
    RC_ASSERT(parse_number("N", text) == n);
}

RC_GTEST_PROP(Number, GivesAValueInBoundsOrRefusesWhateverTheText, (const std::string& text)) {
    try {
        RC_ASSERT(parse_number("N", text, {3, 5000}) <= 5000);
    } catch (const std::invalid_argument&) {
    }
}

RC_GTEST_PROP(Number, GivesAValueInBoundsOrRefusesWhateverTheSymbols, ()) {
    const auto text =
        *rc::gen::container<std::string>(rc::gen::elementOf(std::string("019_.e^+-")));
    try {
        const Range range = parse_range("7", text);
        RC_ASSERT(range.end >= 7 && range.end <= two_to_64);
    } catch (const std::invalid_argument&) {
    }
}

RC_GTEST_PROP(RangeOfNumbers, AddsAndSubtractsExactly, (std::uint64_t a, std::uint64_t b)) {
    const std::string sum = std::to_string(a) + "+" + std::to_string(b);
    const std::string difference = std::to_string(a) + "-" + std::to_string(b);
    if (uint128{a} + b <= two_to_64) {
        RC_ASSERT(parse_range("0", sum).end == uint128{a} + b);
    } else {
        RC_ASSERT_THROWS_AS((void)parse_range("0", sum), std::invalid_argument);
    }
    if (a >= b) {
        RC_ASSERT(parse_range("0", difference).end == a - b);
    } else {
        RC_ASSERT_THROWS_AS((void)parse_range("0", difference), std::invalid_argument);
    }
}

}  // namespace
}  // namespace pinfold::apps

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

#include "on_each_crew.hpp"

namespace pinfold {
namespace {

constexpr std::uint64_t highest = std::numeric_limits<std::uint64_t>::max();

class Algorithms : public testing::OnEachCrew {};

using testing::refusal;

TEST_P(Algorithms, CallAFunctionOnceForEachElement) {
    const auto calls = pool.array<std::uint32_t>(10'000);
    const auto numbers = pool.array<std::uint16_t>(10'000);
    std::iota(numbers.begin(), numbers.end(), std::uint16_t{0});
    for (const std::uint64_t grain : {0U, 1U, 7U, 10'000U}) {
        for_each(pool, Range{0, 10'000}, [calls](auto k) { calls[k] += 1; }, {.grain = grain});
        for_each(pool, numbers, [calls](std::uint16_t k) { calls[k] += 1; }, {.grain = grain});
    }
    EXPECT_EQ(std::ranges::count(calls, 8U), 10'000);
}

TEST_P(Algorithms, TransformNumbersAndElements) {
    const auto squares = pool.array<std::uint64_t>(1000);
    const JobReport report =
        transform(pool, Range{5, 1005}, squares, [](std::uint64_t k) { return k * k; });
    EXPECT_EQ(squares[0], 25U);
    EXPECT_EQ(squares[999], 1004U * 1004U);
    EXPECT_EQ(report.attempts, report.chunks);

    const auto roots = pool.array<float>(1000);
    const double scale = 2;
    transform(pool, squares.span(), roots.span(),
              [scale](std::uint64_t s) { return scale * std::sqrt(static_cast<double>(s)); },
              {.grain = 3});
    for (std::size_t i = 0; i < roots.size(); ++i) {
        ASSERT_EQ(roots[i], 2 * (static_cast<float>(i) + 5));
    }
}

TEST_P(Algorithms, ReduceInTheOrderOfTheElements) {
    const auto digits = pool.array(std::vector<std::uint64_t>{3, 1, 4, 1, 5, 9, 2, 6});
    struct Text {  // as long as it is, and the digits
        std::uint64_t length = 0;
        std::uint64_t value = 0;
    };
    const auto join = [](Text a, Text b) {
        for (std::uint64_t i = 0; i < b.length; ++i) {
            a.value *= 10;
        }
        return Text{a.length + b.length, a.value + b.value};
    };
    for (const std::uint64_t grain : {1U, 3U, 8U}) {
        const auto text = transform_reduce(pool, digits, Text{1, 7}, join,
                                           [](std::uint64_t digit) {
                                               return Text{1, digit};
                                           },
                                           {.grain = grain});
        EXPECT_EQ(text.value.value, 731'415'926U);
    }
    EXPECT_EQ(reduce(pool, digits, std::uint64_t{0}).value, 31U);
    EXPECT_EQ(reduce(pool, digits, std::uint64_t{0}, {.grain = 3}).value, 31U);
    EXPECT_EQ(reduce(pool, digits, std::uint64_t{2}, std::multiplies<>{}).value, 2U * 6480);
}

// What users write first, letter by letter.
TEST_P(Algorithms, CompileAsTheyAreWritten) {
    const int n = 1000;
    const double p = 2;
    // clang-format off
    double s = pinfold::transform_reduce(pool, pinfold::Range{1, n}, 0.0, std::plus<>{}, [p](auto k) { return std::pow(k, -p); }).value;
    // clang-format on
    EXPECT_NEAR(s, 1.643934, 1e-5);

    const std::vector<double> v{1, 2, 6};
    const double m = 3;
    // clang-format off
    auto a = pool.array(v); auto out = pool.array<double>(a.size()); pinfold::transform(pool, a, out, [m](double x) { return x - m; });
    // clang-format on
    EXPECT_EQ(std::vector(out.begin(), out.end()), (std::vector<double>{-2, -1, 3}));
}

TEST_P(Algorithms, ReduceNothingToTheInit) {
    const auto none = pool.array<int>(0);
    EXPECT_EQ(reduce(pool, none, 42).value, 42);
    EXPECT_EQ(reduce(pool, Range{9, 9}, std::uint64_t{42}).value, 42U);
    EXPECT_EQ(count_if(pool, none, [](int) { return true; }).value, 0U);
    EXPECT_FALSE(min_element(pool, none).value.has_value());
    EXPECT_EQ(for_each(pool, none, [](int) {}).chunks, 0U);
}

TEST_P(Algorithms, ReachTheHighestNumber) {
    const Range last{highest - 9, two_to_64};
    EXPECT_EQ(count_if(pool, last, [](std::uint64_t k) { return k > highest - 5; }).value, 5U);
    EXPECT_EQ(reduce(pool, last, std::uint64_t{0}, [](std::uint64_t, std::uint64_t b) { return b; })
                  .value,
              highest);
    const auto found =
        max_element(pool, last, [](std::uint64_t k) { return k % 10; }, {.grain = 3});
    EXPECT_EQ(found.value->at % 10, 9U);
}

TEST_P(Algorithms, FindTheFirstOfEqualElements) {
    const auto values = pool.array(std::vector<int>{5, 2, 8, 2, 8, 5});
    for (const std::uint64_t grain : {1U, 2U, 6U}) {
        const auto least = min_element(pool, values, {.grain = grain});
        const auto greatest = max_element(pool, values, std::identity{}, {.grain = grain});
        EXPECT_EQ(least.value->at, 1U);
        EXPECT_EQ(least.value->value, 2);
        EXPECT_EQ(greatest.value->at, 2U);
        EXPECT_EQ(greatest.value->value, 8);
    }
}

TEST_P(Algorithms, FindNoNaN) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    const auto values = pool.array(std::vector<double>{nan, 3, nan, 1, nan});
    for (const std::uint64_t grain : {1U, 2U, 5U}) {
        EXPECT_EQ(min_element(pool, values, {.grain = grain}).value->at, 3U);
        EXPECT_EQ(max_element(pool, values, std::identity{}, {.grain = grain}).value->at, 1U);
    }
    const auto none = pool.array(std::vector<double>{nan, nan});
    EXPECT_FALSE(max_element(pool, none).value.has_value());
}

TEST_P(Algorithms, HaveTheSameBitsOnEachCrew) {
    const auto term = [](auto k) { return 1 / std::pow(static_cast<double>(k), 2.1); };
    Pool serial({.crew = Crew::serial});
    const auto sum = [&](Pool& on) {
        return transform_reduce(on, Range{1, 100'001}, 0.0, std::plus<>{}, term).value;
    };
    EXPECT_EQ(sum(pool), sum(serial));
}

TEST_P(Algorithms, RefuseNumbersThatAFunctionWouldCutOff) {
    const auto odd = [](int k) { return k % 2 != 0; };
    EXPECT_EQ(count_if(pool, Range{0, 100}, odd).value, 50U);
    EXPECT_EQ(refusal([&] {
                  count_if(pool, Range{0, (std::uint64_t{1} << 31) + 1}, odd);
              }),
              "the range ends at 2147483649, and the function takes numbers up to 2147483647: let "
              "it take a std::uint64_t");
    EXPECT_EQ(count_if(pool, Range{250, 256}, [](std::uint8_t k) { return k > 252; }, {}).value,
              3U);
    EXPECT_NE(refusal([&] {
                  count_if(pool, Range{250, 257}, [](std::uint8_t k) { return k > 252; });
              }),
              "accepted");
}

TEST_P(Algorithms, RefuseOutputsThatDoNotFit) {
    const auto in = pool.array<int>(10);
    const auto out = pool.array<int>(9);
    const auto same = [](int x) { return x; };
    EXPECT_EQ(refusal([&] { transform(pool, in, out, same); }),
              "the input has 10 elements, the output 9");
    EXPECT_EQ(refusal([&] {
                  transform(pool, Range{0, 10}, out, [](auto k) { return k; });
              }),
              "the input has 10 elements, the output 9");
    EXPECT_EQ(refusal([&] { transform(pool, in, in, same); }),
              "the output overlaps the input, which a chunk that runs again would read changed");
    Pool other({.crew = Crew::serial});
    const auto elsewhere = other.array<int>(10);
    EXPECT_EQ(refusal([&] { transform(pool, in, elsewhere, same); }),
              "the output does not lie in the pool's arena; take it from pool.array()");
    EXPECT_EQ(refusal([&] { transform(pool, elsewhere, in, same); }),
              "the input does not lie in the pool's arena; take it from pool.array()");
}

TEST_P(Algorithms, TakePointersToFunctionsAndMembers) {
    struct Point {
        int x = 0;
        int y = 0;
    };
    const auto points = pool.array(std::vector<Point>{{1, 2}, {3, 4}});
    EXPECT_EQ(transform_reduce(pool, points, 0, std::plus<>{}, &Point::y).value, 6);
    EXPECT_EQ(count_if(
                  pool, Range{'a', 'e'}, +[](int c) { return c != 'b'; })
                  .value,
              3U);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Algorithms, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

RC_GTEST_PROP(AlgorithmsOfAnyArray, GiveWhatTheStandardOnesGive, (std::vector<std::int32_t> v)) {
    Pool pool({.crew = Crew::serial});
    const auto array = pool.array(v);
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 20);
    const JobSettings by{.grain = grain};
    const auto is_odd = [](std::int32_t x) { return x % 2 != 0; };
    const auto wide = [](std::int32_t x) { return std::int64_t{x}; };
    const auto plus = std::plus<>{};

    RC_ASSERT(count_if(pool, array, is_odd, by).value ==
              static_cast<std::uint64_t>(std::ranges::count_if(v, is_odd)));
    RC_ASSERT(transform_reduce(pool, array, std::int64_t{0}, plus, wide, by).value ==
              std::transform_reduce(v.begin(), v.end(), std::int64_t{0}, plus, wide));
    const auto least = min_element(pool, array, std::identity{}, by).value;
    const auto greatest = max_element(pool, array, by).value;
    RC_ASSERT(least.has_value() == !v.empty());
    if (!v.empty()) {
        RC_ASSERT(least->at == static_cast<std::uint64_t>(std::ranges::min_element(v) - v.begin()));
        RC_ASSERT(greatest->at ==
                  static_cast<std::uint64_t>(std::ranges::max_element(v) - v.begin()));
    }
}

}  // namespace
}  // namespace pinfold

// Inclusive and exclusive scans, beside those of the standard library.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <string>
#include <vector>

#include "algorithms/of_numbers.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::refusal;
using testing::uneven_numbers;
using testing::vector_of;

class Scan : public testing::OnEachCrew {};

/// Two letters of a word, which it keeps its ends of: an operation that is not commutative.
struct Ends {
    std::uint32_t first = 0;
    std::uint32_t last = 0;

    friend bool operator==(const Ends&, const Ends&) = default;
};
constexpr auto join = [](Ends a, Ends b) { return Ends{a.first, b.last}; };

TEST_P(Scan, GivesWhatTheStandardOnesGive) {
    for (const std::size_t size : {0U, 1U, 2U, 63U, 64U, 65U, 1000U, 100'003U}) {
        std::vector<std::uint64_t> numbers(size);
        for (std::size_t i = 0; i < size; ++i) {
            numbers[i] = i * i % 1013;
        }
        const auto in = pool.array(numbers);
        const auto out = pool.array<std::uint64_t>(size);
        std::vector<std::uint64_t> expected(size);
        for (const std::uint64_t grain : {0U, 1000U, 77U}) {
            inclusive_scan(pool, in, out, {.grain = grain});
            std::inclusive_scan(numbers.begin(), numbers.end(), expected.begin());
            ASSERT_EQ(vector_of(out), expected) << size << " by " << grain;
            exclusive_scan(pool, in, out, std::uint64_t{7}, {.grain = grain});
            std::exclusive_scan(numbers.begin(), numbers.end(), expected.begin(), std::uint64_t{7});
            ASSERT_EQ(vector_of(out), expected) << size << " by " << grain;
            const auto greatest = [](std::uint64_t a, std::uint64_t b) { return std::max(a, b); };
            inclusive_scan(pool, in, out, greatest, std::uint64_t{9}, {.grain = grain});
            std::inclusive_scan(numbers.begin(), numbers.end(), expected.begin(), greatest, 9U);
            ASSERT_EQ(vector_of(out), expected) << size << " by " << grain;
        }
    }
}

TEST_P(Scan, KeepsTheOrderOfWhatDoesNotCommute) {
    std::vector<Ends> words(5000);
    for (std::uint32_t i = 0; i < words.size(); ++i) {
        words[i] = {i, i};
    }
    const auto in = pool.array(words);
    const auto out = pool.array<Ends>(words.size());
    for (const std::uint64_t grain : {1U, 3U, 100U, 5000U}) {
        inclusive_scan(pool, in, out, join, {.grain = grain});
        for (std::uint32_t i = 0; i < words.size(); ++i) {
            ASSERT_EQ(out[i], (Ends{0, i}));
        }
        exclusive_scan(pool, in, out, Ends{77, 78}, join, {.grain = grain});
        ASSERT_EQ(out[0], (Ends{77, 78}));
        for (std::uint32_t i = 1; i < words.size(); ++i) {
            ASSERT_EQ(out[i], (Ends{77, i - 1}));
        }
    }
}

TEST_P(Scan, TakesNumbersOfARangeAndAFunctionOfThem) {
    const auto out = pool.array<double>(1000);
    inclusive_scan(pool, Range{1, 1001}, out);
    EXPECT_EQ(out[999], 500'500);
    transform_inclusive_scan(pool, Range{1, 1001}, out, std::plus<>{},
                             [](auto k) { return 0.5 * static_cast<double>(k); });
    EXPECT_EQ(out[999], 250'250);
    transform_exclusive_scan(pool, Range{1, 1001}, out, 1.0, std::plus<>{},
                             [](auto k) { return static_cast<double>(k); }, {.grain = 10});
    EXPECT_EQ(out[0], 1);
    EXPECT_EQ(out[999], 499'501);
}

TEST_P(Scan, HasTheSameBitsWithAnyNumberOfWorkers) {
    const std::vector<double> numbers = uneven_numbers(300'000);
    const auto scanned = [&numbers](Pool& on) {
        const auto in = on.array(numbers);
        const auto out = on.array<double>(numbers.size());
        inclusive_scan(on, in, out, {.grain = 1000});
        return vector_of(out);
    };
    Pool serial({.crew = Crew::serial});
    const std::vector<double> expected = scanned(serial);
    EXPECT_NEAR(expected.back() / std::accumulate(numbers.begin(), numbers.end(), 0.0), 1, 1e-9);
    for (int workers = 1; workers <= 7; ++workers) {
        Pool some = testing::make_pool(GetParam(), workers);
        ASSERT_EQ(scanned(some), expected) << workers << " workers";
    }
}

TEST_P(Scan, HandsOnNaN) {
    std::vector<double> numbers(1000, 1.0);
    numbers[600] = std::numeric_limits<double>::quiet_NaN();
    const auto in = pool.array(numbers);
    const auto out = pool.array<double>(numbers.size());
    inclusive_scan(pool, in, out, {.grain = 100});
    EXPECT_EQ(out[599], 600);
    for (std::size_t i = 600; i < out.size(); ++i) {
        ASSERT_TRUE(std::isnan(out[i]));
    }
}

TEST_P(Scan, RefusesWhatCannotWork) {
    const auto in = pool.array<int>(10);
    const auto out = pool.array<int>(9);
    EXPECT_EQ(refusal([&] { inclusive_scan(pool, in, out); }),
              "the input has 10 elements, the output 9");
    EXPECT_EQ(refusal([&] { inclusive_scan(pool, in, in); }),
              "the output overlaps the input, which a chunk that runs again would read changed");
    EXPECT_EQ(refusal([&] {
                  exclusive_scan(pool, in, pool.array<int>(10), 0, {.on_poison = OnPoison::skip});
              }),
              "exclusive_scan leaves no chunk out, since what comes behind it would be wrong: "
              "OnPoison::skip is not for it");
    EXPECT_EQ(refusal([&] {
                  inclusive_scan(pool, in, pool.array<int>(10), {.journal = {.file = "nowhere"}});
              }),
              "inclusive_scan has no results of chunks that a journal could keep: run it without "
              "the journal nowhere");
    int local = 1;
    const int* const pointer = &local;
    EXPECT_NE(refusal([&] {
                  inclusive_scan(pool, in, pool.array<int>(10),
                                 [pointer](int a, int b) { return a + b + *pointer; });
              }),
              "accepted");
}

TEST_P(Scan, PassesARehearsal) {
    const auto in = pool.array(uneven_numbers(10'000));
    const auto out = pool.array<double>(in.size());
    inclusive_scan(pool, in, out, {.grain = 100, .rehearse = true});
    std::vector<double> rehearsed = vector_of(out);
    inclusive_scan(pool, in, out, {.grain = 100});
    EXPECT_EQ(vector_of(out), rehearsed);
}

TEST_P(Scan, ReadsAndWritesFiles) {
    const std::string path = ::testing::TempDir() + "pinfold_scan_" + to_string(GetParam()).data();
    {
        const auto in = pool.file_array<std::uint32_t>(path + ".in", 50'000);
        const auto out = pool.file_array<std::uint64_t>(path + ".out", 50'000);
        transform(pool, Range{0, 50'000}, in, [](auto k) { return static_cast<std::uint32_t>(k); });
        inclusive_scan(pool, in, out, std::plus<>{}, std::uint64_t{0}, {.grain = 1000});
        const auto at_end = find_if(pool, out, [](std::uint64_t x) { return x >= 1'249'975'000; });
        ASSERT_TRUE(at_end.value);
        EXPECT_EQ(at_end.value->at, 49'999U);
    }
    std::filesystem::remove(path + ".in");
    std::filesystem::remove(path + ".out");
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Scan, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

class ScanOfProcesses : public testing::NothingLeft {};

TEST_F(ScanOfProcesses, HasTheSameBitsWhenWorkersDie) {
    const std::vector<double> numbers = uneven_numbers(100'000);
    Pool serial({.crew = Crew::serial});
    const auto of_serial = serial.array<double>(numbers.size());
    inclusive_scan(serial, serial.array(numbers), of_serial, {.grain = 1000});

    Pool pool = testing::make_pool(Crew::processes, 3);
    const auto in = pool.array(numbers);
    const auto out = pool.array<double>(numbers.size());
    const auto lives = pool.array<std::uint32_t>(1);
    for (const std::size_t fatal : {0U, 999U, 50'000U, 99'999U}) {
        lives[0] = 2;
        const testing::DiesSome dies{lives.data()};
        const double* const first = in.data();
        // The element is reduced first and scanned later: of two deaths, one is of each.
        const auto f = [dies, first, fatal](const double& x) {
            if (&x == first + fatal) {
                dies();
            }
            return x;
        };
        const JobReport report =
            transform_inclusive_scan(pool, in, out, std::plus<>{}, f, {.grain = 1000});
        EXPECT_EQ(report.deaths, 2U);
        ASSERT_EQ(vector_of(out), vector_of(of_serial));
    }
}

RC_GTEST_PROP(ScanOfAnyArray, GivesWhatTheStandardOnesGive, (std::vector<std::uint32_t> v)) {
    Pool pool({.crew = Crew::serial});
    const auto in = pool.array(v);
    const auto out = pool.array<std::uint32_t>(v.size());
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 100);
    const auto init = *rc::gen::arbitrary<std::uint32_t>();
    std::vector<std::uint32_t> expected(v.size());

    inclusive_scan(pool, in, out, std::plus<>{}, init, {.grain = grain});
    std::inclusive_scan(v.begin(), v.end(), expected.begin(), std::plus<>{}, init);
    RC_ASSERT(vector_of(out) == expected);
    exclusive_scan(pool, in, out, init, {.grain = grain});
    std::exclusive_scan(v.begin(), v.end(), expected.begin(), init);
    RC_ASSERT(vector_of(out) == expected);
}

}  // namespace
}  // namespace pinfold

// find_if, copy_if, unique and histogram, beside those of the standard library.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>
#include <pinfold/pinfold.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "algorithms/of_numbers.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::refusal;
using testing::vector_of;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr auto is_odd = [](std::uint32_t x) { return x % 2 == 1; };

std::vector<std::uint32_t> mixed_numbers(std::size_t size) {
    std::vector<std::uint32_t> numbers(size);
    for (std::size_t i = 0; i < size; ++i) {
        numbers[i] = static_cast<std::uint32_t>((i + 1) * 0x9e3779b97f4a7c15U >> 61U);
    }
    return numbers;
}

template <typename Predicate>
std::vector<std::uint32_t> copied_if(const std::vector<std::uint32_t>& all, Predicate holds) {
    std::vector<std::uint32_t> kept;
    std::copy_if(all.begin(), all.end(), std::back_inserter(kept), holds);
    return kept;
}

class Selection : public testing::OnEachCrew {};

TEST_P(Selection, CopiesWhatAPredicateHoldsForInOrder) {
    for (const std::size_t size : {0U, 1U, 2U, 1000U, 100'003U}) {
        const std::vector<std::uint32_t> numbers = mixed_numbers(size);
        const auto in = pool.array(numbers);
        const auto out = pool.array<std::uint64_t>(size);
        const std::vector<std::uint32_t> expected = copied_if(numbers, is_odd);
        for (const std::uint64_t grain : {0U, 1000U, 77U}) {
            ASSERT_EQ(vector_of(copy_if(pool, in, is_odd, {.grain = grain}).value), expected);
            const auto into = copy_if(pool, in, out, is_odd, {.grain = grain});
            ASSERT_EQ(into.value, expected.size());
            ASSERT_TRUE(std::equal(expected.begin(), expected.end(), out.begin()));
        }
    }
    EXPECT_EQ(copy_if(pool, Range{5, 1005}, [](auto k) { return k % 100 == 0; }).value.size(), 10U);
}

TEST_P(Selection, CopiesAllAndNothing) {
    const auto in = pool.array(mixed_numbers(50'000));
    EXPECT_EQ(vector_of(copy_if(pool, in, [](auto) { return true; }, {.grain = 100}).value),
              vector_of(in));
    EXPECT_TRUE(copy_if(pool, in, [](auto) { return false; }).value.empty());
}

TEST_P(Selection, LeavesWhatLiesBehindTheCopiesInAnOutput) {
    const auto in = pool.array(std::vector<int>{1, 2, 3, 4});
    const auto out = pool.array(std::vector<int>{9, 9, 9, 9});
    EXPECT_EQ(copy_if(pool, in, out, [](int x) { return x % 2 == 0; }).value, 2U);
    EXPECT_EQ(vector_of(out), (std::vector<int>{2, 4, 9, 9}));
    EXPECT_EQ(unique(pool, pool.array(std::vector<int>{5, 5, 5, 6}), out).value, 2U);
    EXPECT_EQ(vector_of(out), (std::vector<int>{5, 6, 9, 9}));
}

TEST_P(Selection, CountsFirstWhereTheArenaHasNoRoomForAll) {
    Pool small(
        {.crew = GetParam(), .workers = 2, .pin = "none", .arena_bytes = std::size_t{48} << 20});
    const auto in = small.array<std::uint32_t>(std::size_t{6} << 20);
    transform(small, Range{0, in.size()}, in, [](auto k) { return static_cast<std::uint32_t>(k); });
    const auto kept = copy_if(small, in, [](std::uint32_t x) { return x % 1000 == 7; }).value;
    ASSERT_EQ(kept.size(), (in.size() - 8) / 1000 + 1);
    for (std::size_t i = 0; i < kept.size(); ++i) {
        ASSERT_EQ(kept[i], 1000 * i + 7);
    }
}

TEST_P(Selection, KeepsTheFirstOfEachRow) {
    for (const std::size_t size : {0U, 1U, 2U, 1000U, 100'003U}) {
        const std::vector<std::uint32_t> numbers = mixed_numbers(size);
        std::vector<std::uint32_t> expected = numbers;
        expected.erase(std::unique(expected.begin(), expected.end()), expected.end());
        const auto in = pool.array(numbers);
        for (const std::uint64_t grain : {0U, 1000U, 77U}) {
            ASSERT_EQ(vector_of(unique(pool, in, {.grain = grain}).value), expected);
        }
    }
    const auto by_ten = [](auto a, auto b) { return a / 10 == b / 10; };
    EXPECT_EQ(vector_of(unique(pool, Range{5, 35}, by_ten, {.grain = 3}).value),
              (std::vector<std::uint64_t>{5, 10, 20, 30}));
    EXPECT_EQ(unique(pool, pool.array(std::vector<double>{nan, nan, 1, 1})).value.size(), 3U);
}

TEST_P(Selection, FindsTheFirstInOrder) {
    const auto in = pool.array<std::uint32_t>(100'000);
    for (const std::size_t at : {0U, 1U, 777U, 50'000U, 99'999U}) {
        std::fill(in.begin(), in.end(), 0U);
        std::fill(in.begin() + at, in.end(), 5U);
        for (const std::uint64_t grain : {0U, 100U, 10'000U}) {
            const auto found = find_if(pool, in, [](auto x) { return x > 0; }, {.grain = grain});
            ASSERT_EQ(found.value, (Found<std::uint32_t>{at, 5}));
        }
    }
    EXPECT_FALSE(find_if(pool, in, [](auto x) { return x > 5; }).value);
    EXPECT_FALSE(find_if(pool, Range{3, 3}, [](auto) { return true; }).value);
    const auto of_range = find_if(pool, Range{100, 2000}, [](auto k) { return k % 97 == 0; });
    EXPECT_EQ(of_range.value->at, 194U);
    EXPECT_EQ(of_range.value->value, 194U);
    const auto numbers = pool.array(std::vector<double>{nan, 2, nan, 1});
    EXPECT_EQ(find_if(pool, numbers, [](double x) { return x < 2; }).value->at, 3U);
    EXPECT_TRUE(find_if(pool, in, [](auto x) { return x > 0; }, {.rehearse = true}).value);
}

TEST_P(Selection, FindsEachPlaceOfAFewElements) {
    for (std::size_t size = 0; size < 10; ++size) {
        const auto in = pool.array<std::uint32_t>(size);
        for (std::size_t at = 0; at < size; ++at) {
            in[at] = 5;
            const auto found = find_if(pool, in, [](auto x) { return x == 5; });
            EXPECT_EQ(found.value, (Found<std::uint32_t>{at, 5})) << "of " << size;
            in[at] = 0;
        }
        EXPECT_FALSE(find_if(pool, in, [](auto x) { return x == 5; }).value) << "of " << size;
    }
}

TEST_P(Selection, StopsBehindWhatWasFound) {
    const auto calls = pool.array<std::uint64_t>(1);
    const auto found = find_if(pool, Range{0, 10'000'000}, [calls](auto k) {
        std::atomic_ref(calls[0]).fetch_add(1, std::memory_order_relaxed);
        return k >= 5;
    });
    EXPECT_EQ(found.value->at, 5U);
    EXPECT_LT(calls[0], 10'000'000 / 4);
}

TEST_P(Selection, CountsInBinsOfEqualWidth) {
    const auto in =
        pool.array(std::vector<double>{0, 0.99, 1, 9.99, 10, -0.01, nan, -1e300, 1e300});
    for (const std::uint64_t grain : {0U, 1U, 4U}) {
        const auto h = histogram(pool, in, Bins{0, 10, 10}, {.grain = grain}).value;
        EXPECT_EQ(h.counts, (std::vector<std::uint64_t>{2, 1, 0, 0, 0, 0, 0, 0, 0, 1}));
        EXPECT_EQ(h.below, 2U);
        EXPECT_EQ(h.above, 2U);
        EXPECT_EQ(h.nan, 1U);
        EXPECT_EQ(h.all(), in.size());
    }
    const auto last = histogram(pool, pool.array({std::nextafter(0.3, 0.0)}), Bins{0, 0.3, 3});
    EXPECT_EQ(last.value.counts[2], 1U);
    EXPECT_EQ(histogram(pool, pool.array<float>(0), Bins{0, 1, 5}).value.all(), 0U);
}

TEST_P(Selection, CountsInBinsThatAFunctionTells) {
    const auto h = histogram(pool, Range{0, 1'000'000}, 1000,
                             [](auto k) { return static_cast<int>(k % 1002) - 1; });
    EXPECT_EQ(h.value.below, 999U);
    EXPECT_EQ(h.value.above, 998U);
    for (std::uint64_t bin = 0; bin < 1000; ++bin) {
        ASSERT_EQ(h.value.counts[bin], bin + 1 <= 1'000'000U % 1002U - 1 ? 999U : 998U);
    }
}

TEST_P(Selection, RefusesWhatCannotWork) {
    const auto in = pool.array<std::uint32_t>(10);
    EXPECT_EQ(refusal([&] { copy_if(pool, in, in, is_odd); }),
              "the output overlaps the input, which a chunk that runs again would read changed");
    EXPECT_EQ(refusal([&] { copy_if(pool, in, pool.array<std::uint32_t>(9), is_odd); }),
              "the input has 10 elements, the output 9");
    EXPECT_NE(refusal([&] { unique(pool, in, {.on_poison = OnPoison::skip}); }), "accepted");
    EXPECT_EQ(refusal([&] {
                  histogram(pool, in, Bins{0, 1, 0});
              }),
              "a histogram has 1 to 16777216 bins, not 0");
    EXPECT_EQ(refusal([&] {
                  histogram(pool, in, Bins{1, 1, 5});
              }),
              "the bins of a histogram go from a number to a greater one, not from 1 to 1");
    EXPECT_NE(refusal([&] { histogram(pool, in, Bins{nan, 1, 5}); }), "accepted");
    int local = 1;
    const int* const pointer = &local;
    const auto reads_it = [pointer](auto x) { return x == static_cast<std::uint32_t>(*pointer); };
    EXPECT_NE(refusal([&] { find_if(pool, in, reads_it); }), "accepted");
    EXPECT_NE(refusal([&] { copy_if(pool, in, reads_it); }), "accepted");
    EXPECT_NE(refusal([&] { histogram(pool, in, 2, [pointer](auto) { return *pointer; }); }),
              "accepted");
}

TEST_P(Selection, ReadsFiles) {
    const std::string path = ::testing::TempDir() + "pinfold_copy_" + to_string(GetParam()).data();
    {
        const auto in = pool.file_array<std::uint32_t>(path, 50'000);
        transform(pool, Range{0, 50'000}, in, [](auto k) { return static_cast<std::uint32_t>(k); });
        EXPECT_EQ(copy_if(pool, in, is_odd, {.grain = 1000}).value[24'999], 49'999U);
        EXPECT_EQ(unique(pool, in).value.size(), 50'000U);
        EXPECT_EQ(histogram(pool, in, Bins{0, 50'000, 5}).value.counts[4], 10'000U);
    }
    std::filesystem::remove(path);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Selection, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

class SelectionByProcesses : public testing::NothingLeft {};

TEST_F(SelectionByProcesses, IsTheSameWhenWorkersDie) {
    Pool pool = testing::make_pool(Crew::processes, 3);
    const std::vector<std::uint32_t> numbers = mixed_numbers(100'000);
    const auto in = pool.array(numbers);
    const auto lives = pool.array<std::uint32_t>(1);
    const testing::DiesSome dies{lives.data()};
    const std::uint32_t* const first = in.data();
    for (const std::size_t fatal : {0U, 999U, 50'000U, 99'999U}) {
        const auto odd = [dies, first, fatal](const std::uint32_t& x) {
            if (&x == first + fatal) {
                dies();
            }
            return x % 2 == 1;
        };
        lives[0] = 2;
        const auto kept = copy_if(pool, in, odd, {.grain = 1000});
        EXPECT_EQ(kept.report.deaths, 2U);
        ASSERT_EQ(vector_of(kept.value), copied_if(numbers, is_odd));
        lives[0] = 2;
        const auto found = find_if(pool, in, odd, {.grain = 1000});
        ASSERT_EQ(found.value->at, static_cast<std::uint64_t>(
                                       std::ranges::find_if(numbers, is_odd) - numbers.begin()));
        lives[0] = 2;
        const auto counts = histogram(
            pool, in, 2, [odd](const std::uint32_t& x) { return odd(x) ? 1 : 0; }, {.grain = 1000});
        EXPECT_EQ(counts.report.deaths, 2U);
        ASSERT_EQ(counts.value.counts[1], kept.value.size());
    }
}

TEST_F(SelectionByProcesses, FailsWhereAChunkThatRunsAgainKeepsMore) {
    Pool pool = testing::make_pool(Crew::processes, 1);
    const auto in = pool.array<std::uint32_t>(3000);
    const auto lives = pool.array<std::uint32_t>(1);
    lives[0] = 1;
    const std::uint32_t* const first = in.data();
    const testing::DiesSome dies{lives.data()};
    const auto out = pool.array<std::uint32_t>(3000);
    // Of a rehearsal, the first run keeps nothing of the first chunk, and the second one all of it.
    const auto wavers = [dies, first, lives](const std::uint32_t& x) {
        if (&x == first + 1500) {
            dies();
        }
        return lives[0] == 0;
    };
    const std::string why = refusal<JobFailed>(
        [&] { copy_if(pool, in, out, wavers, {.grain = 1000, .rehearse = true}); });
    EXPECT_NE(why.find("the predicate keeps other elements when it is called again"),
              std::string::npos)
        << why;
}

RC_GTEST_PROP(SelectionOfAnyArray, IsWhatTheStandardLibrarySelects, (std::vector<std::uint8_t> v)) {
    Pool pool({.crew = Crew::serial});
    const auto in = pool.array(v);
    const JobSettings by{.grain = *rc::gen::inRange<std::uint64_t>(1, 100)};
    const auto is_small = [](std::uint8_t x) { return x < 100; };

    std::vector<std::uint8_t> kept;
    std::ranges::copy_if(v, std::back_inserter(kept), is_small);
    RC_ASSERT(vector_of(copy_if(pool, in, is_small, by).value) == kept);
    std::vector<std::uint8_t> rows = v;
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    RC_ASSERT(vector_of(unique(pool, in, by).value) == rows);
    const auto at = std::ranges::find_if(v, is_small);
    const auto found = find_if(pool, in, is_small, by).value;
    RC_ASSERT(found.has_value() == (at != v.end()));
    RC_ASSERT(!found || (found->at == static_cast<std::uint64_t>(at - v.begin())));
    const auto h = histogram(pool, in, Bins{0, 256, 16}, by).value;
    for (std::size_t bin = 0; bin < 16; ++bin) {
        RC_ASSERT(h.counts[bin] == static_cast<std::uint64_t>(std::ranges::count_if(
                                       v, [bin](std::uint8_t x) { return x / 16 == bin; })));
    }
}

}  // namespace
}  // namespace pinfold

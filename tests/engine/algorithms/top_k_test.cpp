#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <atomic>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::refusal;

struct Score {
    std::int32_t points;
    std::uint32_t place;

    friend bool operator==(const Score&, const Score&) = default;
};

constexpr auto by_points = [](const Score& a, const Score& b) { return a.points < b.points; };

template <typename T, typename Less>
std::vector<T> greatest_of(std::vector<T> all, std::size_t k, Less less) {
    std::stable_sort(all.begin(), all.end(), [&](const T& a, const T& b) { return less(b, a); });
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(std::min(k, all.size())), all.end());
    return all;
}

std::vector<Score> scores_of(std::size_t size, std::uint32_t most) {
    std::vector<Score> scores(size);
    std::minstd_rand random(2);
    for (std::uint32_t i = 0; i < size; ++i) {
        scores[i] = {static_cast<std::int32_t>(random() % most), i};
    }
    return scores;
}

class TopK : public testing::OnEachCrew {};

TEST_P(TopK, FindsTheGreatestAndOfEqualOnesTheFirst) {
    for (const std::uint32_t most : {1U, 10U, 1'000'000U}) {
        const std::vector<Score> scores = scores_of(5000, most);
        const auto in = pool.array(scores);
        for (const std::size_t k : {0U, 1U, 2U, 10U, 700U, 4999U, 5000U, 6000U}) {
            for (const std::uint64_t grain : {0U, 1U, 9U, 1000U}) {
                const auto top = top_k(pool, in, k, by_points, {.grain = grain});
                EXPECT_EQ(top.value, greatest_of(scores, k, by_points))
                    << "k " << k << ", grain " << grain << ", up to " << most;
            }
        }
    }
}

// A chunk of many elements looks at some of them first. Where these lie does not matter: the
// greatest are all, none or a few of them.
TEST_P(TopK, FindsTheGreatestWhereverTheyLie) {
    constexpr std::uint32_t size = 40'001;
    const auto is_sampled = [](std::uint32_t i) { return i % 512 < 8; };
    const auto points = [&](int kind, std::uint32_t i) -> std::uint32_t {
        switch (kind) {
            case 0:
                return i;  // ascending
            case 1:
                return size - i;
            case 2:
                return 7;  // all are equal
            case 3:
                return is_sampled(i) ? size + i : i % 100;
            case 4:
                return is_sampled(i) ? 0 : i;
            default:
                return i % 512 == 3 && i < 40 * 512 ? size : i % 3;  // fewer than are wanted
        }
    };
    for (int kind = 0; kind < 6; ++kind) {
        std::vector<Score> scores(size);
        for (std::uint32_t i = 0; i < size; ++i) {
            scores[i] = {static_cast<std::int32_t>(points(kind, i)), i};
        }
        const auto in = pool.array(scores);
        for (const std::size_t k : {1U, 30U, 600U}) {
            for (const std::uint64_t grain : {0U, 3000U, size}) {
                EXPECT_EQ(top_k(pool, in, k, by_points, {.grain = grain}).value,
                          greatest_of(scores, k, by_points))
                    << "kind " << kind << ", k " << k << ", grain " << grain;
            }
        }
    }
}

TEST_P(TopK, TakesNumbersInTheirOwnOrderAndRanges) {
    const auto in = pool.array(std::vector<double>{3, -1, 4, 1, -5, 9});
    EXPECT_EQ(top_k(pool, in, 2).value, (std::vector<double>{9, 4}));
    EXPECT_EQ(top_k(pool, in.span(), 2, std::greater<>{}).value, (std::vector<double>{-5, -1}));
    const auto by_last_digits = [](auto a, auto b) { return a % 100 < b % 100; };
    EXPECT_EQ(top_k(pool, {5, 10'000}, 3, by_last_digits, {.grain = 7}).value,
              (std::vector<std::uint64_t>{99, 199, 299}));
    EXPECT_TRUE(top_k(pool, Range{0, 0}, 3).value.empty());
}

TEST_P(TopK, TakesElementsOfAnySizeAndAlignment) {
    struct alignas(32) Wide {
        std::uint64_t key;
        char rest[90];
    };
    const auto in = pool.array<Wide>(500);
    for (std::size_t i = 0; i < in.size(); ++i) {
        in[i].key = i * 7919 % 500;
    }
    const auto less = [](const Wide& a, const Wide& b) { return a.key < b.key; };
    const auto top = top_k(pool, in, 3, less, {.grain = 10});
    ASSERT_EQ(top.value.size(), 3U);
    EXPECT_EQ(top.value[0].key, 499U);
    EXPECT_EQ(top.value[2].key, 497U);

    struct alignas(16) Pair {
        std::uint64_t key;
    };
    const auto pairs = pool.array<Pair>(10);
    pairs[4].key = 1;
    EXPECT_EQ(top_k(pool, pairs, 1, [](Pair a, Pair b) { return a.key < b.key; }).value[0].key, 1U);
}

TEST_P(TopK, RefusesWhatItCannotLookAt) {
    std::vector<int> here(10);
    EXPECT_NE(refusal([&] { (void)top_k(pool, std::span(here), 3); }).find("pool's arena"),
              std::string::npos);
    const auto in = pool.array<int>(10);
    EXPECT_NE(refusal([&] { (void)top_k(pool, in, -3); }).find("-3"), std::string::npos);
    const auto throws = [](int, int) -> bool { throw std::runtime_error("no order"); };
    EXPECT_NE(refusal<JobFailed>([&] { (void)top_k(pool, in, 2, throws); }).find("no order"),
              std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, TopK, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

RC_GTEST_PROP(TopKOfAnyArray, IsTheBeginOfAStableSort, (std::vector<std::int8_t> keys)) {
    Pool pool({.crew = Crew::serial});
    std::vector<Score> scores;
    for (const std::int8_t key : keys) {
        scores.push_back({key / 16, static_cast<std::uint32_t>(scores.size())});
    }
    const auto k = *rc::gen::inRange<std::uint64_t>(0, 30);
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 20);
    RC_ASSERT(top_k(pool, pool.array(scores), k, by_points, {.grain = grain}).value ==
              greatest_of(scores, k, by_points));
}

}  // namespace
}  // namespace pinfold

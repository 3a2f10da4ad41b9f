// sort() and sort_by_key() beside the standard's stable sort, on each crew.

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>
#include <pinfold/pinfold.hpp>
#include <pinfold/shm/crossing.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "files/folder.hpp"
#include "on_each_crew.hpp"

namespace pinfold {
namespace {

using testing::refusal;

/// A key that many rows share, and where its row was.
struct Row {
    std::int32_t key;
    std::uint32_t place;

    friend bool operator==(const Row&, const Row&) = default;
};

constexpr auto by_key = [](const Row& a, const Row& b) { return a.key < b.key; };

template <typename T>
bool have_the_same_bits(const shm::Array<T>& sorted, const std::vector<T>& expected) {
    return sorted.size() == expected.size() &&
           (expected.empty() ||
            std::memcmp(sorted.data(), expected.data(), expected.size() * sizeof(T)) == 0);
}

template <typename T, typename Less>
std::vector<T> stably_sorted(std::vector<T> v, Less less) {
    std::stable_sort(v.begin(), v.end(), less);
    return v;
}

/// What a sort gives, with any grain.
template <typename T, typename Less>
void expect_sorted(Pool& pool, const std::vector<T>& v, Less less, const char* what) {
    const std::vector<T> expected = stably_sorted(v, less);
    const auto in = pool.array(v);
    for (const std::uint64_t grain : {0U, 1U, 7U, 64U, 1000U, 4096U}) {
        const auto out = pool.array<T>(v.size());
        sort(pool, in, out, less, {.grain = grain});
        EXPECT_TRUE(have_the_same_bits(out, expected)) << what << ", grain " << grain;
        EXPECT_TRUE(have_the_same_bits(in, v)) << what << ", grain " << grain;
    }
}

/// Numbers in the orders that sorts stumble over.
template <typename T>
std::vector<std::pair<const char*, std::vector<T>>> hard_orders() {
    constexpr std::size_t size = 5000;
    std::vector<T> up(size);
    std::vector<T> sawtooth(size);
    std::vector<T> random(size);
    std::vector<T> crowded(size, T{42});
    std::mt19937_64 bits(17);
    for (std::size_t i = 0; i < size; ++i) {
        up[i] = static_cast<T>(i);
        sawtooth[i] = static_cast<T>(i % 37);
        random[i] = static_cast<T>(static_cast<std::int64_t>(bits()));
        if (i % 10 == 0) {
            crowded[i] = random[i];
        }
    }
    std::vector<T> organ_pipe = up;
    std::reverse(organ_pipe.begin() + size / 2, organ_pipe.end());
    return {{"sorted", up},
            {"reversed", {up.rbegin(), up.rend()}},
            {"all equal", std::vector<T>(size, T{7})},
            {"sawtooth", sawtooth},
            {"organ pipe", organ_pipe},
            {"random", random},
            {"mostly one key", crowded},
            {"one element", {T{1}}},
            {"two elements", {T{2}, T{1}}},
            {"none", {}}};
}

class Sort : public testing::OnEachCrew {
  protected:
    template <typename T>
    void expect_hard_orders_sorted() {
        for (const auto& [name, numbers] : hard_orders<T>()) {
            expect_sorted(pool, numbers, std::less<>{}, name);
            expect_sorted(pool, numbers, std::greater<>{}, name);
            expect_sorted(
                pool, numbers, [](T a, T b) { return a < b; }, name);
        }
    }
};

TEST_P(Sort, SortsIntegersInEveryOrder) {
    expect_hard_orders_sorted<std::int64_t>();
    expect_hard_orders_sorted<std::uint32_t>();
    expect_hard_orders_sorted<std::int16_t>();
    expect_hard_orders_sorted<std::uint8_t>();
}

TEST_P(Sort, SortsFloatingPointNumbersInEveryOrder) {
    expect_hard_orders_sorted<double>();
    expect_hard_orders_sorted<float>();
}

TEST_P(Sort, KeepsTheOrderOfEqualElements) {
    std::vector<Row> rows(20'000);
    std::minstd_rand random(5);
    for (std::uint32_t i = 0; i < rows.size(); ++i) {
        rows[i] = {static_cast<std::int32_t>(random() % 100) - 50, i};
    }
    const auto in = pool.array(rows);
    for (const std::uint64_t grain : {0U, 3U, 100U, 19'999U}) {
        const auto out = pool.array<Row>(rows.size());
        sort(pool, in, out, by_key, {.grain = grain});
        EXPECT_TRUE(std::ranges::equal(out, stably_sorted(rows, by_key))) << grain;
    }
}

// Whose bits differ, so that their order shows.
TEST_P(Sort, KeepsTheOrderOfBothZeros) {
    std::vector<double> zeros;
    for (int i = 0; i < 3000; ++i) {
        zeros.push_back(i % 3 == 0 ? -0.0 : i % 7 == 0 ? 1.0 : i % 5 == 0 ? -1e-310 : 0.0);
    }
    expect_sorted(pool, zeros, std::less<>{}, "zeros");
    expect_sorted(pool, zeros, std::greater<>{}, "zeros");
}

TEST_P(Sort, BringsEveryNaNToTheEnd) {
    constexpr double nan = std::numeric_limits<double>::quiet_NaN();
    constexpr double infinity = std::numeric_limits<double>::infinity();
    const auto in = pool.array(std::vector<double>{nan, 2, -infinity, -nan, infinity, 1, nan});
    const auto out = pool.array<double>(in.size());
    const auto expect_last = [&](std::vector<double> numbers) {
        EXPECT_TRUE(std::equal(numbers.begin(), numbers.end(), out.begin()));
        EXPECT_TRUE(
            std::all_of(out.begin() + 4, out.end(), [](double x) { return std::isnan(x); }));
        EXPECT_FALSE(std::signbit(out[4]));
        EXPECT_TRUE(std::signbit(out[5]));  // their order stays
        EXPECT_FALSE(std::signbit(out[6]));
    };
    for (const std::uint64_t grain : {0U, 1U, 3U}) {
        sort(pool, in, out, {.grain = grain});
        expect_last({-infinity, 1, 2, infinity});
        sort(pool, in, out, std::greater<>{}, {.grain = grain});
        expect_last({infinity, 2, 1, -infinity});
    }
}

TEST_P(Sort, SortsNaNsByAnOrderThatHasAPlaceForThem) {
    std::vector<double> numbers;
    for (int i = 0; i < 1000; ++i) {
        numbers.push_back(i % 4 == 0 ? std::numeric_limits<double>::quiet_NaN() : 500.0 - i);
    }
    const auto nan_first = [](double a, double b) {
        return std::isnan(a) ? !std::isnan(b) : a < b;
    };
    expect_sorted(pool, numbers, nan_first, "NaN");
}

TEST_P(Sort, TakesAnOrderWithCaptures) {
    const auto ranks = pool.array(std::vector<int>{2, 0, 1});
    const auto in = pool.array(std::vector<int>{0, 1, 2, 0, 1});
    const auto out = pool.array<int>(in.size());
    sort(pool, in, out, [ranks](int a, int b) {
        return ranks[static_cast<std::size_t>(a)] < ranks[static_cast<std::size_t>(b)];
    });
    EXPECT_TRUE(std::ranges::equal(out, std::vector<int>{1, 1, 2, 0, 0}));
}

struct ByLetters {
    std::string alphabet;

    bool operator()(char a, char b) const { return alphabet.find(a) < alphabet.find(b); }
};

TEST_P(Sort, TakesAnOrderThatCrossesAsAMessage) {
    const auto in = pool.array(std::string("abcabcabc"));
    const auto out = pool.array<char>(in.size());
    sort(pool, in, out, ByLetters{"cab, and text that no string keeps in itself"}, {.grain = 2});
    EXPECT_EQ(std::string(out.begin(), out.end()), "cccaaabbb");
}

TEST_P(Sort, SortsAFileIntoAFile) {
    const testing::Folder folder;
    std::vector<std::uint32_t> numbers(30'000);
    std::minstd_rand random(3);
    std::generate(numbers.begin(), numbers.end(), [&] { return std::uint32_t(random()); });
    const auto bytes = numbers.size() * sizeof(std::uint32_t);
    const std::string path =
        folder.write("in", {reinterpret_cast<const char*>(numbers.data()), bytes});
    const auto in = pool.file(path);
    const auto out = pool.file_array<std::uint32_t>(folder.path("out"), numbers.size());
    for (const std::uint64_t grain : {0U, 1000U}) {
        std::ranges::fill(out.span(), 0U);
        sort(pool, in.as<std::uint32_t>(), out, {.grain = grain});
        EXPECT_TRUE(std::ranges::equal(out.span(), stably_sorted(numbers, std::less<>{})));
        sort(pool, in.as<std::uint32_t>(), out, [](auto a, auto b) { return a > b; },
             {.grain = grain});
        EXPECT_TRUE(std::ranges::equal(out.span(), stably_sorted(numbers, std::greater<>{})));
    }
}

// But for the boards that the pool keeps for its next jobs.
TEST_P(Sort, GivesItsMemoryBack) {
    constexpr std::size_t size = 1'000'000;
    const auto in = pool.array<double>(size);
    const auto out = pool.array<double>(size);
    std::iota(in.begin(), in.end(), 0.0);
    const std::size_t before = pool.arena()->used_bytes();
    for (int i = 0; i < 5; ++i) {
        sort(pool, in, out, {.grain = 10'000});
        sort(pool, in, out, [](double a, double b) { return a > b; }, {.grain = 10'000});
        EXPECT_LT(pool.arena()->used_bytes(), before + size * sizeof(double) / 8);
    }
}

TEST_P(Sort, FailsByWhatTheOrderThrows) {
    constexpr std::size_t size = 100'000;
    const auto in = pool.array<int>(size);
    const auto out = pool.array<int>(size);
    std::iota(in.begin(), in.end(), 0);
    const std::size_t before = pool.arena()->used_bytes();
    for (const int bad : {0, 50'001, 99'999}) {
        const auto order = [bad](int a, int b) {
            if (a == bad || b == bad) {
                throw std::runtime_error("it has no place");
            }
            return a < b;
        };
        const auto fails = [&] { sort(pool, in, out, order, {.grain = 1000, .max_attempts = 1}); };
        EXPECT_NE(refusal<JobFailed>(fails).find("it has no place"), std::string::npos);
        EXPECT_LT(pool.arena()->used_bytes(), before + size * sizeof(int) / 2);
    }
    EXPECT_EQ(in[size - 1], int{size} - 1);
}

// Each chunk of each phase starts twice, and must write the same.
TEST_P(Sort, RepeatsEachOfItsPhases) {
    std::vector<std::int64_t> numbers(10'000);
    std::mt19937_64 random(9);
    std::generate(numbers.begin(), numbers.end(), [&] { return std::int64_t(random() % 5000); });
    const auto in = pool.array(numbers);
    const auto out = pool.array<std::int64_t>(in.size());
    const auto expected = stably_sorted(numbers, std::less<>{});
    sort(pool, in, out, {.grain = 500, .rehearse = true});
    EXPECT_TRUE(have_the_same_bits(out, expected));
    std::ranges::fill(out, 0);
    sort(pool, in, out, [](auto a, auto b) { return a < b; }, {.grain = 500, .rehearse = true});
    EXPECT_TRUE(have_the_same_bits(out, expected));
}

TEST_P(Sort, IsOneJobWithPhases) {
    const auto in = pool.array<int>(1600);
    const auto out = pool.array<int>(in.size());
    const JobReport merged =
        sort(pool, in, out, [](int a, int b) { return a < b; }, {.grain = 100});
    EXPECT_EQ(merged.phase_seconds.size(), 5U);  // runs of 100, 200, ... 1600
    EXPECT_EQ(merged.chunks, 5U * 16);
    EXPECT_EQ(sort(pool, in, out, {.grain = 100}).phase_seconds.size(), 5U);
}

TEST_P(Sort, RefusesWhatCannotBeSorted) {
    const auto in = pool.array<int>(10);
    const auto out = pool.array<int>(10);
    const auto text_of = [&](auto call) { return refusal(call); };
    EXPECT_NE(text_of([&] { sort(pool, in, pool.array<int>(9)); }).find("10 elements"),
              std::string::npos);
    EXPECT_NE(text_of([&] { sort(pool, in, in); }).find("overlaps"), std::string::npos);
    std::vector<int> here(10);
    EXPECT_NE(text_of([&] { sort(pool, in, std::span(here)); }).find("pool's arena"),
              std::string::npos);
    EXPECT_NE(text_of([&] { sort(pool, std::span(here), out); }).find("pool's arena"),
              std::string::npos);
    const int* const mine = here.data();
    EXPECT_NE(text_of([&] {
                  sort(pool, in, out, [mine](int a, int b) { return a + *mine < b; });
              }).find("the order"),
              std::string::npos);
    EXPECT_NE(text_of([&] { sort(pool, in, out, {.on_poison = OnPoison::skip}); }).find("sort"),
              std::string::npos);
    EXPECT_NE(text_of([&] { sort(pool, in, out, {.journal = {.file = "j"}}); }).find("journal"),
              std::string::npos);
}

class SortByKey : public testing::OnEachCrew {};

TEST_P(SortByKey, BringsEachValueToItsKey) {
    for (const auto& [name, keys] : hard_orders<std::int64_t>()) {
        std::vector<std::uint32_t> values(keys.size());
        std::iota(values.begin(), values.end(), 0U);
        std::vector<std::uint32_t> expected = values;
        std::stable_sort(expected.begin(), expected.end(),
                         [&keys = keys](auto a, auto b) { return keys[a] < keys[b]; });
        const auto keys_in = pool.array(keys);
        const auto values_in = pool.array(values);
        const auto keys_out = pool.array<std::int64_t>(keys.size());
        const auto values_out = pool.array<std::uint32_t>(keys.size());
        for (const std::uint64_t grain : {0U, 1U, 100U}) {
            std::ranges::fill(values_out, 0U);
            sort_by_key(pool, keys_in, values_in, keys_out, values_out, {.grain = grain});
            EXPECT_TRUE(have_the_same_bits(values_out, expected)) << name << ", grain " << grain;
            EXPECT_TRUE(std::ranges::is_sorted(keys_out)) << name << ", grain " << grain;
            std::ranges::fill(values_out, 0U);
            sort_by_key(pool, keys_in, values_in, keys_out, values_out,
                        [](auto a, auto b) { return a < b; }, {.grain = grain});
            EXPECT_TRUE(have_the_same_bits(values_out, expected)) << name << ", grain " << grain;
        }
    }
}

struct alignas(128) Wide {
    std::uint64_t number;
    char rest[200];
};

TEST_P(SortByKey, MovesLargeValues) {
    constexpr std::size_t size = 999;
    const auto keys = pool.array<std::uint8_t>(size);
    const auto values = pool.array<Wide>(size);
    for (std::size_t i = 0; i < size; ++i) {
        keys[i] = static_cast<std::uint8_t>(255 - i % 256);
        values[i].number = i;
    }
    const auto keys_out = pool.array<std::uint8_t>(size);
    const auto values_out = pool.array<Wide>(size);
    for (const std::uint64_t grain : {0U, 10U}) {
        sort_by_key(pool, keys, values, keys_out, values_out, {.grain = grain});
        for (std::size_t i = 0; i < size; ++i) {
            ASSERT_EQ(keys_out[i], 255 - values_out[i].number % 256);
            ASSERT_TRUE(i == 0 || keys_out[i - 1] < keys_out[i] ||
                        values_out[i - 1].number < values_out[i].number);
        }
    }
}

TEST_P(SortByKey, RefusesArraysThatDoNotFitTogether) {
    const auto keys = pool.array<int>(10);
    const auto keys_out = pool.array<int>(10);
    const auto both = pool.array<int>(20);
    EXPECT_NE(refusal([&] {
                  sort_by_key(pool, keys, pool.array<int>(9), keys_out, pool.array<int>(9));
              }).find("10 keys and 9 values"),
              std::string::npos);
    EXPECT_NE(refusal([&] {
                  sort_by_key(pool, keys, both.span().first(10), keys_out,
                              both.span().subspan(5, 10));
              }).find("overlaps"),
              std::string::npos);
    EXPECT_NE(refusal([&] {
                  sort_by_key(pool, keys, pool.array<int>(10), both.span().first(10),
                              both.span().subspan(9, 10));
              }).find("overlaps that of the values"),
              std::string::npos);
    EXPECT_NE(refusal([&] { sort_by_key(pool, keys, keys, keys_out, keys); }).find("overlaps"),
              std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(OfEachCrew, Sort, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });
INSTANTIATE_TEST_SUITE_P(OfEachCrew, SortByKey, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& param) { return std::string(to_string(param.param)); });

RC_GTEST_PROP(SortOfAnyArray, IsTheStandardStableSort, (std::vector<std::int8_t> keys)) {
    Pool pool({.crew = Crew::serial});
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 20);
    std::vector<Row> rows;
    for (const std::int8_t key : keys) {
        rows.push_back({key / 8, static_cast<std::uint32_t>(rows.size())});
    }
    const auto out = pool.array<Row>(rows.size());
    sort(pool, pool.array(rows), out, by_key, {.grain = grain});
    RC_ASSERT(std::ranges::equal(out, stably_sorted(rows, by_key)));

    const auto numbers = pool.array<std::int8_t>(keys.size());
    sort(pool, pool.array(keys), numbers, {.grain = grain});
    RC_ASSERT(std::ranges::equal(numbers, stably_sorted(keys, std::less<>{})));
}

// Any bits, of which many are no number.
RC_GTEST_PROP(SortOfAnyArray, OrdersAllNumbersAsLessDoes, (std::vector<std::uint64_t> bits)) {
    Pool pool({.crew = Crew::serial});
    std::vector<double> numbers;
    for (const std::uint64_t word : bits) {
        const auto number = std::bit_cast<double>(word ^ word << 40);
        numbers.push_back(std::isnan(number) ? 0.0 : number);
    }
    const auto out = pool.array<double>(numbers.size());
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 50);
    sort(pool, pool.array(numbers), out, {.grain = grain});
    RC_ASSERT(have_the_same_bits(out, stably_sorted(numbers, std::less<>{})));
}

}  // namespace
}  // namespace pinfold

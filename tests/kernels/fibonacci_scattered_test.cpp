#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <pinfold/kernels/fibonacci.hpp>
#include <random>
#include <stdexcept>
#include <vector>

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t last_word = std::numeric_limits<std::uint64_t>::max();

constexpr std::array<std::uint64_t, 12> moduli = {1,
                                                  2,
                                                  3,
                                                  5,
                                                  10,
                                                  1'000'000'007,
                                                  9'223'372'036'854'775'783,
                                                  std::uint64_t{1} << 63,
                                                  3 * (std::uint64_t{1} << 62),
                                                  last_word - 58,
                                                  last_word - 1,
                                                  last_word};

/// Indexes of every magnitude, the least and the largest among them.
std::vector<std::uint64_t> indexes_of_every_magnitude(std::size_t size, std::mt19937_64& random) {
    std::vector<std::uint64_t> indexes(size);
    for (std::uint64_t& n : indexes) {
        n = random() >> (random() % 64);
    }
    if (size > 1) {
        indexes[0] = 0;
        indexes[size / 2] = last_word;
    }
    return indexes;
}

void expect_each_alone(const std::vector<std::uint64_t>& indexes, std::uint64_t m) {
    std::vector<std::uint64_t> values(indexes.size(), 42);
    fibonacci_mod(indexes, values, m);
    for (std::size_t i = 0; i < indexes.size(); ++i) {
        ASSERT_EQ(values[i], fibonacci_mod(indexes[i], m)) << indexes[i] << ' ' << m;
    }
}

TEST(ScatteredFibonacci, EqualsEachIndexAlone) {
    std::mt19937_64 random(5);
    for (const std::uint64_t m : moduli) {
        for (const std::size_t size : {0U, 1U, 2U, 3U, 4U, 5U, 7U, 64U, 511U, 512U, 701U}) {
            expect_each_alone(indexes_of_every_magnitude(size, random), m);
        }
    }
}

TEST(ScatteredFibonacci, EqualsEachIndexAloneForAnyModulus) {
    std::mt19937_64 random(6);
    for (int i = 0; i < 2'000; ++i) {
        const std::uint64_t m = std::max<std::uint64_t>(1, (random() >> (random() % 64))
                                                               << (random() % 2 * (random() % 64)));
        expect_each_alone(indexes_of_every_magnitude(6, random), m);
    }
}

TEST(ScatteredFibonacci, TakesSmallIndexesAlone) {
    const std::vector<std::uint64_t> indexes = {0, 1, 2, 3, 10, 15};
    std::vector<std::uint64_t> values(indexes.size());
    fibonacci_mod(indexes, values, 1'000);
    EXPECT_EQ(values, (std::vector<std::uint64_t>{0, 1, 1, 2, 55, 610}));
    const std::vector<std::uint64_t> zeros(6);
    fibonacci_mod(zeros, values, 1'000);
    EXPECT_EQ(values, zeros);
}

TEST(ScatteredFibonacci, RefusesSpansOfDifferentLengthAndTheModulusZero) {
    const std::array<std::uint64_t, 3> indexes = {1, 2, 3};
    std::array<std::uint64_t, 3> values{};
    EXPECT_THROW(fibonacci_mod(indexes, std::span(values).first(2), 7), std::invalid_argument);
    EXPECT_THROW(fibonacci_mod(indexes, values, 0), std::invalid_argument);
}

}  // namespace
}  // namespace pinfold::kernels

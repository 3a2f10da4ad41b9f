#include <gtest/gtest.h>

#include <limits>
#include <pinfold/kernels/fibonacci.hpp>
#include <vector>

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t last_word = std::numeric_limits<std::uint64_t>::max();

void expect_recurrence(std::uint64_t begin, std::span<const std::uint64_t> table, std::uint64_t m) {
    ASSERT_EQ(table[0], fibonacci_mod(begin, m));
    ASSERT_EQ(table[1], fibonacci_mod(begin + 1, m));
    for (std::size_t i = 2; i < table.size(); ++i) {
        const uint128 sum = uint128{table[i - 2]} + table[i - 1];
        ASSERT_EQ(table[i], static_cast<std::uint64_t>(sum % m)) << i;
    }
}

TEST(FibonacciTable, FollowsTheRecurrenceInStreams) {
    for (const std::uint64_t m : {std::uint64_t{1}, std::uint64_t{1'000}, std::uint64_t{1} << 63,
                                  last_word - 58, last_word}) {
        for (const std::size_t size :
             {std::size_t{8'100}, std::size_t{8'192}, std::size_t{9'999}}) {
            std::vector<std::uint64_t> table(size);
            fibonacci_table(12'345, table, m);
            expect_recurrence(12'345, table, m);
        }
    }
}

TEST(FibonacciTable, BeginsWhereverInACacheLine) {
    constexpr std::size_t size = 10'000;
    constexpr std::uint64_t untouched = 42;
    for (std::size_t at = 0; at < 9; ++at) {
        std::vector<std::uint64_t> words(size + 9, untouched);
        const auto table = std::span(words).subspan(at, size);
        fibonacci_table(last_word - size + 1, table, 1'000'000'007);
        expect_recurrence(last_word - size + 1, table, 1'000'000'007);
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (i < at || i >= at + size) {
                ASSERT_EQ(words[i], untouched) << i;
            }
        }
    }
}

TEST(FibonacciTable, FollowsTheRecurrencePastTheCaches) {
    std::vector<std::uint64_t> table((std::size_t{1} << 21) + 77);
    fibonacci_table(0, table, last_word - 58);
    expect_recurrence(0, table, last_word - 58);
}

}  // namespace
}  // namespace pinfold::kernels

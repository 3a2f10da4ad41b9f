#include <gmp.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <numeric>
#include <pinfold/kernels/exact_fibonacci.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "exact/gmp_scratch.hpp"
#include "gmp_integer.hpp"

namespace pinfold::kernels {
namespace {

std::string by_gmp(std::uint64_t n, int base = 10) {
    GmpInteger f;
    mpz_fib_ui(f.get(), n);
    return f.text(base);
}

/// F(n) by its chain for so many workers, the tasks of a step in reverse order and each run twice.
std::vector<Limb> by_chain(std::uint64_t n, int workers) {
    const FibonacciChain chain(n, workers);
    std::vector<Limb> work(chain.work_limbs(), ~Limb{0});
    for (std::size_t step = 0; step < chain.steps(); ++step) {
        for (std::size_t task = chain.tasks(step); task-- > 0;) {
            chain.run(step, task, work);
            chain.run(step, task, work);
        }
    }
    work.resize(chain.value_limbs());
    return work;
}

bool equals_gmp(std::vector<Limb> value, std::uint64_t n) {
    GmpInteger f;
    mpz_fib_ui(f.get(), n);
    while (!value.empty() && value.back() == 0) {
        value.pop_back();
    }
    return std::ranges::equal(value, f.limbs());
}

TEST(ExactFibonacci, HasThePublishedValues) {
    // OEIS A000045.
    EXPECT_EQ(fibonacci(0), "0");
    EXPECT_EQ(fibonacci(1), "1");
    EXPECT_EQ(fibonacci(2), "1");
    EXPECT_EQ(fibonacci(10), "55");
    EXPECT_EQ(fibonacci(93), "12200160415121876738");
    EXPECT_EQ(fibonacci(100), "354224848179261915075");
    EXPECT_EQ(fibonacci(200), "280571172992510140037611932413038677189525");
    EXPECT_EQ(fibonacci(100, Base::hexadecimal), "1333db76a7c594bfc3");
}

TEST(ExactFibonacci, HasThePublishedLengthsAtPowersOfTen) {
    // OEIS A068070: the number of digits of F(10^k).
    EXPECT_EQ(fibonacci(1'000).size(), 209U);
    EXPECT_EQ(fibonacci(10'000).size(), 2'090U);
    EXPECT_EQ(fibonacci(100'000).size(), 20'899U);
    EXPECT_EQ(fibonacci(1'000'000).size(), 208'988U);
}

TEST(ExactFibonacci, FollowsTheRecurrenceFromTheStart) {
    GmpInteger before("0");
    GmpInteger f("1");
    for (std::uint64_t n = 1; n <= 300; ++n) {
        ASSERT_EQ(fibonacci(n), f.text()) << n;
        ASSERT_EQ(fibonacci(n, Base::hexadecimal), f.text(16)) << n;
        mpz_add(before.get(), before.get(), f.get());
        mpz_swap(before.get(), f.get());
    }
}

TEST(ExactFibonacci, EqualsGmpsForAnyNumberOfWorkers) {
    std::mt19937_64 random(1);
    for (int i = 0; i < 60; ++i) {
        const std::uint64_t n = random() % 1'000'000;
        ASSERT_TRUE(equals_gmp(by_chain(n, 1), n)) << n;
        ASSERT_TRUE(equals_gmp(by_chain(n, 2), n)) << n;
    }
}

TEST(ExactFibonacci, ChangesItsWayWithoutASeam) {
    for (const std::uint64_t n : {65'535U, 65'536U, 65'537U, 131'071U, 131'072U, 131'073U}) {
        ASSERT_TRUE(equals_gmp(by_chain(n, 1), n)) << n;
        ASSERT_TRUE(equals_gmp(by_chain(n, 2), n)) << n;
    }
}

// Whether a value and its halves fill their last limbs comes round every few hundred indexes.
TEST(ExactFibonacci, EqualsGmpsHoweverItsLimbsAreFilled) {
    for (std::uint64_t n = 65'536; n < 67'600; ++n) {
        ASSERT_TRUE(equals_gmp(by_chain(n, 1), n)) << n;
        ASSERT_TRUE(equals_gmp(by_chain(n, 2), n)) << n;
    }
}

RC_GTEST_PROP(ExactFibonacci, IsWrittenLikeGmps, ()) {
    const auto n = *rc::gen::inRange<std::uint64_t>(0, 300'000);
    RC_ASSERT(fibonacci(n) == by_gmp(n));
    RC_ASSERT(fibonacci(n, Base::hexadecimal) == by_gmp(n, 16));
}

RC_GTEST_PROP(ExactFibonacci, HasTheGcdOfItsIndexes, ()) {
    const auto common = *rc::gen::inRange<std::uint64_t>(1, 40);
    const auto a = common * *rc::gen::inRange<std::uint64_t>(1, 400);
    const auto b = common * *rc::gen::inRange<std::uint64_t>(1, 400);
    GmpInteger gcd;
    GmpInteger f(fibonacci(a));
    GmpInteger g(fibonacci(b));
    mpz_gcd(gcd.get(), f.get(), g.get());
    RC_ASSERT(gcd.text() == fibonacci(std::gcd(a, b)));
}

TEST(ExactFibonacci, SumsExactly) {
    EXPECT_EQ(fibonacci_sum(0, 0), "0");
    EXPECT_EQ(fibonacci_sum(5, 5), "0");
    EXPECT_EQ(fibonacci_sum(0, 11), "143");
    EXPECT_EQ(fibonacci_sum(10, 12), "144");
    EXPECT_EQ(fibonacci_sum(0, 99), "354224848179261915074");  // F(100) - 1
    EXPECT_EQ(fibonacci_sum(0, 11, Base::hexadecimal), "8f");
}

TEST(ExactFibonacci, RefusesWhatGmpCannotHold) {
    constexpr std::uint64_t most = max_exact_fibonacci;
    EXPECT_THROW(static_cast<void>(fibonacci(most + 1)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(FibonacciChain(most + 1, 2)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(fibonacci_sum(0, most)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(fibonacci_sum(0, ~std::uint64_t{0})), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(fibonacci_sum(2, 1)), std::invalid_argument);
    EXPECT_LT(fibonacci_bits(most) / 64, std::uint64_t{1} << 31);
}

TEST(ExactFibonacci, KnowsTheLengthOfItsValue) {
    for (const std::uint64_t n : {1U, 2U, 3U, 10U, 1'000U, 1'000'000U}) {
        const std::uint64_t bytes = by_gmp(n, 16).size() / 2;
        EXPECT_GE(fibonacci_bits(n) / 8 + 1, bytes);
        EXPECT_LE(fibonacci_bits(n) / 8 + 1, bytes + 2);
    }
}

TEST(ExactFibonacci, TakesAllOfGmpsTemporariesFromItsCaller) {
    const std::size_t before = GmpScratch::heap_bytes();
    for (std::uint64_t n = 1'000; n < 4'000'000; n += n / 2) {
        static_cast<void>(by_chain(n, 2));
        static_cast<void>(fibonacci(n));
    }
    EXPECT_EQ(GmpScratch::heap_bytes() - before, 0U);
}

}  // namespace
}  // namespace pinfold::kernels

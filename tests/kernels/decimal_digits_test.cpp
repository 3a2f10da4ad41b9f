#include <gmp.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <pinfold/kernels/decimal_digits.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "exact/decimal_layout.hpp"
#include "exact/gmp_scratch.hpp"
#include "gmp_integer.hpp"

namespace pinfold::kernels {
namespace {

/// The digits of `number`, told to be below 2^bits; the tasks of a step in reverse order, each run
/// twice.
std::string digits_of(const GmpInteger& number, std::uint64_t bits, int workers) {
    const DecimalDigits digits(bits, workers);
    std::string text(digits.digits(), '?');
    std::vector<Limb> work(digits.work_limbs(), ~Limb{0});
    for (std::size_t step = 0; step < digits.steps(); ++step) {
        for (std::size_t task = digits.tasks(step); task-- > 0;) {
            digits.run(step, task, number.limbs(), text, work);
            digits.run(step, task, number.limbs(), text, work);
        }
    }
    return std::string(digits.finish(text, work));
}

/// Numbers of so many bits have a tree for two workers; and so many for one, too.
constexpr std::uint64_t tree_bits = 64 * 2'100;
constexpr std::uint64_t tree_bits_of_one = 64 * 41'000;

void random_number(GmpInteger& number, std::uint64_t bits, std::uint64_t seed) {
    gmp_randstate_t random;
    gmp_randinit_default(random);
    gmp_randseed_ui(random, seed);
    mpz_urandomb(number.get(), random, bits);
    gmp_randclear(random);
}

/// sign * 10^exponent is added to the number.
void add_power(GmpInteger& number, std::uint64_t exponent, bool minus) {
    GmpInteger power;
    mpz_ui_pow_ui(power.get(), 10, exponent);
    (minus ? mpz_sub : mpz_add)(number.get(), number.get(), power.get());
}

TEST(DecimalDigits, AreTrueForSmallNumbers) {
    for (int i = 0; i < 30; ++i) {
        const GmpInteger number(std::to_string(i));
        ASSERT_EQ(digits_of(number, 9, 1), std::to_string(i));
        ASSERT_EQ(digits_of(number, tree_bits, 2), std::to_string(i));
    }
}

RC_GTEST_PROP(DecimalDigits, EqualGmps, ()) {
    GmpInteger number;
    random_number(number, *rc::gen::inRange<std::uint64_t>(1, 3 * tree_bits),
                  *rc::gen::arbitrary<std::uint64_t>());
    const auto surplus = *rc::gen::inRange<std::uint64_t>(0, 10'000);
    RC_ASSERT(digits_of(number, number.bits(), 2) == number.text());
    RC_ASSERT(digits_of(number, number.bits() + surplus, 2) == number.text());
    RC_ASSERT(digits_of(number, number.bits() + surplus, 1) == number.text());
}

TEST(DecimalDigits, EqualGmpsWhereOneWorkerHasATreeToo) {
    for (std::uint64_t seed = 0; seed < 2; ++seed) {
        GmpInteger number;
        random_number(number, tree_bits_of_one + seed * 1'000'003, seed);
        ASSERT_EQ(digits_of(number, number.bits(), 1), number.text()) << seed;
        ASSERT_EQ(digits_of(number, number.bits(), 2), number.text()) << seed;
    }
}

// Rounded down, a long run of zeros looks like nines and the number before it.
RC_GTEST_PROP(DecimalDigits, AreTrueAroundLongRunsOfZerosAndNines, ()) {
    const auto longest = *rc::gen::inRange<std::uint64_t>(40'000, 60'000);
    GmpInteger number;
    add_power(number, longest, false);
    const auto others = *rc::gen::container<std::vector<std::pair<std::uint64_t, bool>>>(
        rc::gen::pair(rc::gen::inRange<std::uint64_t>(0, longest), rc::gen::arbitrary<bool>()));
    for (const auto& [exponent, minus] : others) {
        add_power(number, exponent, minus);
    }
    RC_ASSERT(digits_of(number, number.bits(), 2) == number.text());
}

TEST(DecimalDigits, AreTrueWhereARunBeginsAtALeafsEnd) {
    const DecimalLayout layout(tree_bits, false);
    for (std::uint64_t leaf = 1; leaf < layout.leaves(); ++leaf) {
        const std::uint64_t after = leaf * layout.digits(0);
        GmpInteger before;
        random_number(before, tree_bits - after * 10 / 3, leaf);
        GmpInteger number;
        add_power(number, after, false);
        mpz_mul(number.get(), number.get(), before.get());
        add_power(number, after - 25, false);
        ASSERT_EQ(digits_of(number, tree_bits, 2), number.text()) << leaf;
        add_power(number, after - 25, true);
        add_power(number, after - 30, true);
        ASSERT_EQ(digits_of(number, tree_bits, 2), number.text()) << leaf;
    }
}

TEST(DecimalDigits, DivideExactMultiplesOfThePowerToo) {
    for (const std::uint64_t bits : {tree_bits, tree_bits_of_one}) {
        const std::uint64_t half = DecimalDigits(bits, 1).digits() / 2;
        for (int off = -1; off <= 1; ++off) {
            GmpInteger number;
            mpz_ui_pow_ui(number.get(), 10, half);
            mpz_mul_ui(number.get(), number.get(), 123'456'789);
            mpz_add_ui(number.get(), number.get(), 1);
            mpz_sub_ui(number.get(), number.get(), static_cast<unsigned>(1 - off));
            ASSERT_EQ(digits_of(number, bits, 1), number.text()) << bits << ' ' << off;
            ASSERT_EQ(digits_of(number, bits, 2), number.text()) << bits << ' ' << off;
        }
    }
}

TEST(DecimalDigits, RefuseALongerNumberThanWasSaid) {
    GmpInteger number;
    mpz_setbit(number.get(), tree_bits);
    EXPECT_THROW(digits_of(number, tree_bits, 2), std::invalid_argument);
    EXPECT_EQ(digits_of(number, tree_bits + 1, 2), number.text());
}

TEST(DecimalDigits, TakeAllOfGmpsTemporariesFromTheirCaller) {
    const std::size_t before = GmpScratch::heap_bytes();
    for (std::uint64_t bits = 10; bits < 3'500'000; bits += bits / 2 + 1) {
        GmpInteger number;
        mpz_setbit(number.get(), bits - 1);
        static_cast<void>(digits_of(number, bits, 1));
        static_cast<void>(digits_of(number, bits, 2));
    }
    EXPECT_EQ(GmpScratch::heap_bytes() - before, 0U);
}

}  // namespace
}  // namespace pinfold::kernels

#include <gtest/gtest.h>
#include <primecount.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <pinfold/kernels/combinatorial.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <random>
#include <stdexcept>
#include <vector>

#include "lucy_hedgehog.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t last_word = std::numeric_limits<std::uint64_t>::max();

constexpr std::uint64_t power_of_ten(int exponent) {
    return exponent == 0 ? 1 : 10 * power_of_ten(exponent - 1);
}

/// A number from its halves in decimal: high * 10^18 + low.
constexpr uint128 decimal(std::uint64_t high, std::uint64_t low) {
    return uint128{high} * power_of_ten(18) + low;
}

void expect_as_the_sieve(std::uint64_t x) {
    const PrimeSum sieved = prime_sum(0, uint128{x} + 1);
    ASSERT_EQ(prime_count_up_to(x), sieved.count) << x;
    ASSERT_TRUE(prime_sum_up_to(x) == sieved.sum) << x;
}

TEST(Lucy, MatchesTheSumsAndCountsUpToPowersOfTen) {
    // OEIS A046731 and A006880.
    EXPECT_TRUE(oracle::lucy_hedgehog<true>(1'000'000) == 37550402023);
    EXPECT_TRUE(oracle::lucy_hedgehog<false>(1'000'000) == 78498);
    EXPECT_TRUE(oracle::lucy_hedgehog<true>(1'000'000'000) == 24739512092254535);
    EXPECT_TRUE(oracle::lucy_hedgehog<false>(1'000'000'000) == 50847534);
}

TEST(Combinatorial, CountsThePrimesUpToPowersOfTen) {
    // OEIS A006880.
    constexpr std::array<std::uint64_t, 16> counts = {0,
                                                      4,
                                                      25,
                                                      168,
                                                      1229,
                                                      9592,
                                                      78498,
                                                      664579,
                                                      5761455,
                                                      50847534,
                                                      455052511,
                                                      4118054813,
                                                      37607912018,
                                                      346065536839,
                                                      3204941750802,
                                                      29844570422669};
    for (int n = 0; n < 16; ++n) {
        EXPECT_EQ(prime_count_up_to(power_of_ten(n)), counts[static_cast<std::size_t>(n)]) << n;
    }
}

TEST(Combinatorial, SumsThePrimesUpToPowersOfTen) {
    // OEIS A046731.
    const std::array<uint128, 16> sums = {0,
                                          17,
                                          1060,
                                          76127,
                                          5736396,
                                          454396537,
                                          37550402023,
                                          3203324994356,
                                          279209790387276,
                                          24739512092254535,
                                          decimal(2, 220822432581729238),
                                          decimal(201, 467077743744681014),
                                          decimal(18435, 588552550705911377),
                                          decimal(1699246, 443377779418889494),
                                          decimal(157589260, 710736940541561021),
                                          decimal(14692398516, 908006398225702366)};
    for (int n = 0; n < 16; ++n) {
        EXPECT_TRUE(prime_sum_up_to(power_of_ten(n)) == sums[static_cast<std::size_t>(n)]) << n;
    }
}

TEST(Combinatorial, SumsThePrimesUpToSmallNumbers) {
    // OEIS A034387: the sum of the primes up to n.
    constexpr std::array<std::uint64_t, 20> sums = {0,  0,  2,  5,  5,  10, 10, 17, 17, 17,
                                                    17, 28, 28, 41, 41, 41, 41, 58, 58, 77};
    for (std::uint64_t n = 0; n < sums.size(); ++n) {
        EXPECT_TRUE(prime_sum_up_to(n) == sums[n]) << n;
    }
    // OEIS A007504: the sum of the first n primes, the 10^4-th of which is 104729.
    EXPECT_TRUE(prime_sum_up_to(104729) == 496165411);
}

TEST(Combinatorial, IsRightForEverySmallNumber) {
    PrimeSum sum;
    for (std::uint64_t x = 0; x <= 1'000; ++x) {
        sum += prime_sum_by_trial_division(x, x + 1);
        ASSERT_EQ(prime_count_up_to(x), sum.count) << x;
        ASSERT_TRUE(prime_sum_up_to(x) == sum.sum) << x;
    }
}

TEST(Combinatorial, IsRightWhereItTakesOverFromTheSieve) {
    for (std::uint64_t x = 999'900; x <= 1'000'100; ++x) {
        expect_as_the_sieve(x);
    }
}

TEST(Combinatorial, IsRightBesidePowersOfPrimesAndOfTwo) {
    for (const std::uint64_t prime : {1009U, 1999U, 4003U}) {
        for (const std::uint64_t x : {prime * prime - 1, prime * prime, prime * prime + 1}) {
            expect_as_the_sieve(x);
        }
    }
    for (const std::uint64_t prime : {101U, 113U, 211U}) {
        const std::uint64_t cube = prime * prime * prime;
        for (const std::uint64_t x : {cube - 1, cube, cube + 1}) {
            expect_as_the_sieve(x);
        }
    }
    for (const std::uint64_t prime : {37U, 53U, 61U}) {
        const std::uint64_t fourth = prime * prime * prime * prime;
        for (const std::uint64_t x : {fourth - 1, fourth, fourth + 1}) {
            expect_as_the_sieve(x);
        }
    }
    for (int power = 20; power <= 25; ++power) {
        for (const std::uint64_t offset : {0U, 1U, 2U}) {
            expect_as_the_sieve((std::uint64_t{1} << power) - 1 + offset);
        }
    }
    // OEIS A007053: pi(2^n).
    EXPECT_EQ(prime_count_up_to(std::uint64_t{1} << 32), 203280221U);
    EXPECT_EQ(prime_count_up_to(std::uint64_t{1} << 40), 41203088796U);
    EXPECT_EQ(prime_count_up_to(std::uint64_t{1} << 45), 1166746786182U);
    for (const std::uint64_t x : {31607ULL * 31607, 1291ULL * 1291 * 1291, 1ULL << 32}) {
        EXPECT_TRUE(prime_sum_up_to(x) == oracle::lucy_hedgehog<true>(x)) << x;
        EXPECT_TRUE(prime_sum_up_to(x - 1) == oracle::lucy_hedgehog<true>(x - 1)) << x - 1;
    }
}

TEST(Combinatorial, EqualsTheSieveOfNumbersOfAllMagnitudes) {
    std::mt19937_64 random(20260303);
    for (int bits = 20; bits <= 27; ++bits) {
        for (int i = 0; i < 3; ++i) {
            expect_as_the_sieve((random() >> (64 - bits)) | (std::uint64_t{1} << (bits - 1)));
        }
    }
}

RC_GTEST_PROP(Combinatorial, EqualsLucyHedgehogsSieve, ()) {
    const auto x = *rc::gen::inRange<std::uint64_t>(1'000'000, 300'000'000);
    RC_ASSERT(prime_count_up_to(x) == oracle::lucy_hedgehog<false>(x));
    RC_ASSERT(prime_sum_up_to(x) == oracle::lucy_hedgehog<true>(x));
}

TEST(Combinatorial, EqualsPrimecountOnRandomNumbers) {
    std::mt19937_64 random(20260304);
    primecount_set_num_threads(1);
    for (int bits = 32; bits <= 39; ++bits) {
        for (int i = 0; i < 2; ++i) {
            const std::uint64_t x = (random() >> (64 - bits)) | (std::uint64_t{1} << (bits - 1));
            ASSERT_EQ(prime_count_up_to(x),
                      static_cast<std::uint64_t>(primecount_pi(static_cast<std::int64_t>(x))))
                << x;
        }
    }
}

TEST(Combinatorial, SumsOfASpanEqualTheSieveFarUp) {
    std::mt19937_64 random(20260305);
    for (int bits = 34; bits <= 40; bits += 3) {
        const std::uint64_t x = (random() >> (64 - bits)) | (std::uint64_t{1} << (bits - 1));
        const std::uint64_t end = x + random() % 3'000'000;
        const PrimeSum between = prime_sum(x + 1, uint128{end} + 1);
        EXPECT_EQ(prime_count_up_to(end) - prime_count_up_to(x), between.count) << x << ' ' << end;
        EXPECT_TRUE(prime_sum_up_to(end) - prime_sum_up_to(x) == between.sum) << x << ' ' << end;
    }
}

TEST(Combinatorial, GivesTheSameWhateverTheTuning) {
    for (const std::uint64_t x : {1'000'000ULL, 1'000'003ULL, 1'321'098'765ULL}) {
        const std::uint64_t count = prime_count_up_to(x);
        const uint128 sum = prime_sum_up_to(x);
        for (const double y : {0.5, 2.0, 3.7, 5.0, 11.0, 40.0, 1e9}) {
            for (const double z : {0.3, 1.0, 1.1, 2.0, 4.0, 17.0, 1e9}) {
                const CombinatorialTuning tuning{y, z};
                EXPECT_EQ(prime_count_up_to(x, tuning), count) << x << ' ' << y << ' ' << z;
                EXPECT_TRUE(prime_sum_up_to(x, tuning) == sum) << x << ' ' << y << ' ' << z;
            }
        }
    }
}

TEST(Combinatorial, RefusesATuningThatIsNoPositiveNumber) {
    const double not_a_number = std::numeric_limits<double>::quiet_NaN();
    for (const double value : {-1.0, not_a_number, std::numeric_limits<double>::infinity()}) {
        EXPECT_THROW(static_cast<void>(combinatorial_plan(100, PrimeTerm::one, {value, 1})),
                     std::invalid_argument);
        EXPECT_THROW(static_cast<void>(combinatorial_plan(100, PrimeTerm::one, {1, value})),
                     std::invalid_argument);
    }
}

TEST(CombinatorialPhase, TakesLittleMemoryUpToTwoToThe64) {
    for (const std::uint64_t x : {power_of_ten(12), power_of_ten(18), last_word}) {
        std::size_t bytes = 0;
        for (std::size_t phase = 0; phase < combinatorial_phases; ++phase) {
            const CombinatorialPhase needs =
                combinatorial_phase(combinatorial_plan(x, PrimeTerm::prime), phase);
            EXPECT_GT(needs.chunks, 0U);
            EXPECT_LT(needs.chunks, 10'000U);
            bytes += needs.bytes;
        }
        EXPECT_LT(static_cast<double>(bytes), 0.15 * std::sqrt(static_cast<double>(x)) + 1e7) << x;
    }
}

TEST(CombinatorialPlan, KeepsCofactorsBelowTwoToThe30) {
    const CombinatorialPlan plan = combinatorial_plan(last_word, PrimeTerm::one, {1e9, 1e9});
    EXPECT_LT(plan.y, std::uint64_t{1} << 30);
    EXPECT_LT(plan.z, std::uint64_t{1} << 30);
    EXPECT_LE(plan.y, plan.z);
    EXPECT_GT(plan.y, plan.cube_root);
}

/// Phases as an engine might run them: any order within a phase, some chunks twice.
TEST(CombinatorialChunks, GiveTheSameInAnyOrderAndWhenTheyRunAgain) {
    constexpr std::uint64_t x = 123'456'789'012;
    struct alignas(64) Line {
        std::byte bytes[64];
    };
    std::mt19937_64 random(20260306);
    const CombinatorialPlan plan = combinatorial_plan(x, PrimeTerm::prime);
    std::array<std::vector<Line>, combinatorial_phases> lines;
    std::array<std::span<std::byte>, combinatorial_phases> memory;
    for (std::size_t phase = 0; phase < combinatorial_phases; ++phase) {
        const CombinatorialPhase needs = combinatorial_phase(plan, phase);
        lines[phase].resize(needs.bytes / sizeof(Line) + 1);
        memory[phase] = std::as_writable_bytes(std::span(lines[phase]));
        std::vector<std::uint64_t> chunks;
        for (std::uint64_t chunk = 0; chunk < needs.chunks; ++chunk) {
            chunks.insert(chunks.end(), chunk % 3 == 0 ? 2 : 1, chunk);
        }
        std::shuffle(chunks.begin(), chunks.end(), random);
        for (const std::uint64_t chunk : chunks) {
            run_combinatorial_chunk(plan, phase, chunk, memory);
        }
    }
    EXPECT_TRUE(combine_combinatorial(plan, memory) == prime_sum_up_to(x));
}

}  // namespace
}  // namespace pinfold::kernels

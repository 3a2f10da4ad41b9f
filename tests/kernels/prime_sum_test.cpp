#include <gtest/gtest.h>
#include <primesieve.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cstddef>
#include <limits>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <random>
#include <span>
#include <stdexcept>
#include <vector>

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t last_word = std::numeric_limits<std::uint64_t>::max();

/// The same by libprimesieve, for ends up to 2^64.
std::vector<std::uint64_t> primes_by_primesieve(std::uint64_t begin, uint128 end) {
    if (begin >= end) {
        return {};
    }
    const auto last = static_cast<std::uint64_t>(end - 1);
    std::size_t size = 0;
    auto* const primes =
        static_cast<std::uint64_t*>(primesieve_generate_primes(begin, last, &size, UINT64_PRIMES));
    std::vector<std::uint64_t> copy(primes, primes + size);
    primesieve_free(primes);
    return copy;
}

PrimeSum sum_of(std::span<const std::uint64_t> primes) {
    PrimeSum total;
    for (const std::uint64_t prime : primes) {
        total += {1, prime};
    }
    return total;
}

PrimeSum by_primesieve(std::uint64_t begin, uint128 end) {
    return sum_of(primes_by_primesieve(begin, end));
}

std::vector<std::byte> sieving_primes(uint128 end) {
    std::vector<std::byte> bitmap(sieving_bitmap_bytes(end));
    find_sieving_primes(0, bitmap.size(), bitmap);
    return bitmap;
}

/// The sieving primes of every 64-bit number, found once for all tests: 0.2 s and 137 MiB.
const std::vector<std::byte>& all_sieving_primes() {
    static const std::vector<std::byte> bitmap = sieving_primes(two_to_64);
    return bitmap;
}

TEST(PrimeSum, MatchesTheSumsBelowPowersOfTen) {
    // OEIS A046731 (sums) and A006880 (counts).
    EXPECT_EQ(prime_sum(0, 10), (PrimeSum{4, 17}));
    EXPECT_EQ(prime_sum(0, 100), (PrimeSum{25, 1060}));
    EXPECT_EQ(prime_sum(0, 1'000), (PrimeSum{168, 76127}));
    EXPECT_EQ(prime_sum(0, 10'000), (PrimeSum{1229, 5736396}));
    EXPECT_EQ(prime_sum(0, 100'000), (PrimeSum{9592, 454396537}));
    EXPECT_EQ(prime_sum(0, 1'000'000), (PrimeSum{78498, 37550402023}));
    EXPECT_EQ(prime_sum(0, 10'000'000), (PrimeSum{664579, 3203324994356}));
    EXPECT_EQ(prime_sum(0, 100'000'000), (PrimeSum{5761455, 279209790387276}));
    EXPECT_EQ(prime_sum(0, 1'000'000'000), (PrimeSum{50847534, 24739512092254535}));
}

TEST(PrimeSum, OfEveryShortRangeEqualsTrialDivision) {
    const std::vector<std::byte> bitmap = sieving_primes(400);
    for (std::uint64_t begin = 0; begin < 400; ++begin) {
        for (std::uint64_t end = begin; end <= 400; ++end) {
            ASSERT_EQ(prime_sum(begin, end, bitmap), prime_sum_by_trial_division(begin, end))
                << begin << ' ' << end;
        }
    }
}

RC_GTEST_PROP(PrimeSum, OfRandomRangesEqualsPrimesieve, ()) {
    const int bits = *rc::gen::inRange(10, 48);
    const std::uint64_t begin =
        *rc::gen::resize(1000, rc::gen::arbitrary<std::uint64_t>()) >> (64 - bits);
    const std::uint64_t end = begin + *rc::gen::inRange<std::uint64_t>(0, 3'000'000);
    RC_ASSERT(prime_sum(begin, end) == by_primesieve(begin, end));
    RC_ASSERT(prime_count(begin, end) == by_primesieve(begin, end).count);
}

TEST(PrimeSum, OfRandomRangesOfAllMagnitudesEqualsPrimesieve) {
    std::mt19937_64 random(20260101);
    for (int bits = 20; bits <= 58; bits += 2) {
        const std::uint64_t begin = (random() >> (64 - bits)) | (std::uint64_t{1} << (bits - 1));
        const std::uint64_t end = begin + random() % 2'000'000;
        const PrimeSum expected = by_primesieve(begin, end);
        ASSERT_EQ(prime_sum(begin, end, all_sieving_primes()), expected) << begin << ' ' << end;
    }
}

TEST(PrimeSum, IsRightAroundPowersOfTwoAndSquaresOfPrimes) {
    const auto check = [](std::uint64_t centre) {
        // The borders of a range, and of its parts, lie beside the centre or on it.
        const std::uint64_t begin = centre - 1'000;
        const std::uint64_t end = centre + 1'000;
        const std::vector<std::uint64_t> primes = primes_by_primesieve(begin, end);
        const auto middle = std::ranges::lower_bound(primes, centre);
        ASSERT_EQ(prime_sum(begin, centre, all_sieving_primes()), sum_of({primes.begin(), middle}));
        ASSERT_EQ(prime_sum(centre, end, all_sieving_primes()), sum_of({middle, primes.end()}));
    };
    for (int power = 10; power < 60; power += 7) {
        check(std::uint64_t{1} << power);
    }
    for (const std::uint64_t prime :
         {163U, 167U, 32749U, 32771U, 65521U, 65537U, 524287U, 1048573U, 1048583U, 4294967291U}) {
        check(prime * prime);
    }
}

TEST(PrimeSum, WorksUpToTwoToThe64) {
    const std::uint64_t begin = last_word - 9'999;
    EXPECT_EQ(prime_sum(begin, two_to_64, all_sieving_primes()), by_primesieve(begin, two_to_64));
    // 2^64 - 59 is the largest prime below 2^64.
    EXPECT_EQ(prime_sum(last_word - 58, two_to_64, all_sieving_primes()),
              (PrimeSum{1, two_to_64 - 59}));
    EXPECT_EQ(prime_sum(last_word - 57, two_to_64, all_sieving_primes()), PrimeSum{});
}

TEST(PrimeSum, OfSeveralSegmentsAtALargeStartEqualsPrimesieve) {
    for (const std::uint64_t begin :
         {1'000'000'000'000ULL, 1'000'000'000'000'000ULL, 1'000'000'000'000'000'000ULL,
          18'000'000'000'000'000'000ULL}) {
        const std::uint64_t end = begin + 50'000'000;
        ASSERT_EQ(prime_sum(begin, end, all_sieving_primes()), by_primesieve(begin, end)) << begin;
    }
}

TEST(PrimeSum, IsTheSumOverAnyCutOfItsRange) {
    constexpr std::uint64_t begin = 123'456'789;
    constexpr std::uint64_t end = begin + 5'000'000;
    const std::vector<std::byte> bitmap = sieving_primes(end);
    const PrimeSum whole = prime_sum(begin, end, bitmap);
    for (const std::uint64_t grain : {1'001ULL, 30'000ULL, 1'234'567ULL}) {
        PrimeSum parts;
        for (std::uint64_t at = begin; at < end; at += grain) {
            parts += prime_sum(at, std::min(end, at + grain), bitmap);
        }
        EXPECT_EQ(parts, whole) << grain;
    }
}

TEST(PrimeSum, OfAnEmptyRangeIsZero) {
    EXPECT_EQ(prime_sum(0, 0), PrimeSum{});
    EXPECT_EQ(prime_sum(7, 7), PrimeSum{});
    EXPECT_EQ(prime_sum(last_word, last_word), PrimeSum{});
}

TEST(PrimeSum, RefusesWhatItCannotSieve) {
    EXPECT_THROW(static_cast<void>(prime_sum(8, 7)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(prime_sum(0, two_to_64 + 1)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(prime_sum_by_trial_division(8, 7)), std::invalid_argument);
    const std::vector<std::byte> bitmap = sieving_primes(1'000'000);
    EXPECT_THROW(static_cast<void>(prime_sum(0, 2'000'000, bitmap)), std::invalid_argument);
}

TEST(PrimeSumByTesting, EqualsTheSieveAtEveryMagnitude) {
    std::mt19937_64 random(20260202);
    for (int bits = 1; bits <= 58; bits += 3) {
        const std::uint64_t begin = random() >> (64 - bits);
        const std::uint64_t end = begin + random() % 200'000;
        ASSERT_EQ(prime_sum_by_testing(begin, end), prime_sum(begin, end, all_sieving_primes()))
            << begin << ' ' << end;
    }
}

TEST(PrimeSumByTesting, WorksUpToTwoToThe64) {
    const std::uint64_t begin = last_word - 99'999;
    EXPECT_EQ(prime_sum_by_testing(begin, two_to_64),
              prime_sum(begin, two_to_64, all_sieving_primes()));
    EXPECT_EQ(prime_sum_by_testing(last_word - 58, two_to_64), (PrimeSum{1, two_to_64 - 59}));
}

TEST(PrimeSumByTesting, KnowsTheSquareOfTheFirstPrimeThatItDoesNotSieveBy) {
    const std::uint64_t square = 65551ULL * 65551ULL;
    EXPECT_EQ(prime_sum_by_testing(square, square + 1), PrimeSum{});
    EXPECT_EQ(prime_sum_by_testing(square - 5'000, square + 5'000),
              prime_sum(square - 5'000, square + 5'000));
}

TEST(PrimeSumByTesting, RefusesReversedRangesAndLargeEnds) {
    EXPECT_EQ(prime_sum_by_testing(9, 9), PrimeSum{});
    EXPECT_THROW(static_cast<void>(prime_sum_by_testing(8, 7)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(prime_sum_by_testing(0, two_to_64 + 1)), std::invalid_argument);
}

TEST(SievingPrimes, AreTheSameHoweverTheBytesAreShared) {
    const uint128 end = 40'000'000'000'000;
    std::vector<std::byte> shared(sieving_bitmap_bytes(end));
    std::size_t first = 0;
    for (std::size_t part = 1; first < shared.size(); part = part * 3 + 1) {
        const std::size_t last = std::min(shared.size(), first + part);
        find_sieving_primes(first, last, shared);
        first = last;
    }
    EXPECT_EQ(shared, sieving_primes(end));
}

TEST(SievingPrimes, NeedTheSquareRootInBytesOf30Numbers) {
    EXPECT_EQ(sieving_bitmap_bytes(0), 1U);
    EXPECT_EQ(sieving_bitmap_bytes(900), 1U);
    EXPECT_EQ(sieving_bitmap_bytes(901), 2U);
    EXPECT_EQ(sieving_bitmap_bytes(two_to_64), 143'165'577U);
}

TEST(SievingPrimes, RefuseBytesOutsideTheBitmap) {
    std::vector<std::byte> bitmap(10);
    EXPECT_THROW(find_sieving_primes(0, 11, bitmap), std::invalid_argument);
    EXPECT_THROW(find_sieving_primes(6, 5, bitmap), std::invalid_argument);
    EXPECT_NO_THROW(find_sieving_primes(5, 5, bitmap));
}

TEST(PrimeSumGrain, KeepsTheSetUpSmallBesideTheWork) {
    EXPECT_GE(prime_sum_grain(0, 1'000'000'000), 1'000'000U);
    EXPECT_GE(prime_sum_grain(last_word - 1'000'000, two_to_64), 1'000'000'000U);
}

}  // namespace
}  // namespace pinfold::kernels

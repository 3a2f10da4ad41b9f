#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <pinfold/kernels/prime_sum_cursor.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <pinfold/kernels/super_ranges.hpp>
#include <random>
#include <stdexcept>
#include <vector>

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t trillion = 1'000'000'000'000;

std::vector<std::byte> sieving_primes(uint128 end) {
    std::vector<std::byte> bitmap(sieving_bitmap_bytes(end));
    find_sieving_primes(0, bitmap.size(), bitmap);
    return bitmap;
}

/// Memory for the lists, filled with what an earlier super-range might have left.
std::vector<std::byte> used_memory(const SuperRanges& plan) {
    return std::vector<std::byte>(plan.bytes, std::byte{0x5A});
}

/// The sum over all of the plan's range, chunk by chunk, the slices in the order of `slices`.
PrimeSum sum_by(const SuperRanges& plan, std::uint64_t grain, std::span<const std::byte> primes,
                const std::vector<std::size_t>& slices) {
    std::vector<std::byte> memory = used_memory(plan);
    PrimeSum total;
    PrimeSumCursor cursor;
    for (std::uint64_t number = 0; number < plan.count; ++number) {
        for (const std::size_t slice : slices) {
            find_large_multiples(plan, number, slice, primes, memory);
        }
        const uint128 first = plan.begin + uint128{number} * plan.length;
        const uint128 last = std::min(plan.end, first + plan.length);
        for (uint128 at = first; at < last; at += grain) {
            total += cursor.sum(static_cast<std::uint64_t>(at), std::min(last, at + grain), primes,
                                plan, memory);
        }
    }
    return total;
}

std::vector<std::size_t> all_slices() {
    std::vector<std::size_t> slices(SuperRanges::max_slices);
    std::iota(slices.begin(), slices.end(), 0);
    return slices;
}

TEST(SuperRanges, GiveTheSumOfTheSieveThatSharesNothing) {
    std::mt19937_64 random(20);
    const std::vector<std::byte> primes = sieving_primes(15'001 * trillion);
    int several = 0;
    for (int round = 0; round < 6; ++round) {
        const std::uint64_t begin = 5'000 * trillion + random() % (10'000 * trillion);
        const uint128 end = begin + 50'000'000 + random() % 200'000'000;
        const std::uint64_t grain = 1'000'000 + random() % 20'000'000;
        const SuperRanges plan =
            plan_super_ranges(begin, end, grain, std::size_t{1} << (22 + random() % 3));
        several += plan.count > 1 ? 1 : 0;
        std::vector<std::size_t> slices = all_slices();
        std::shuffle(slices.begin(), slices.end(), random);
        EXPECT_EQ(sum_by(plan, grain, primes, slices), prime_sum(begin, end, primes))
            << begin << " + " << static_cast<std::uint64_t>(end - begin) << " by " << grain;
    }
    EXPECT_GE(several, 2);
}

TEST(PrimeSumCursor, GivesTheSumsOfChunksInAnyOrder) {
    std::mt19937_64 random(21);
    const std::vector<std::byte> primes = sieving_primes(4'600 * trillion);
    PrimeSumCursor cursor;
    // Without large primes, where segments grow at 2^36, where large primes come in at 1.758e13,
    // with them, and where some are listed.
    for (const std::uint64_t start :
         {std::uint64_t{0}, std::uint64_t{68'719'460'000}, trillion,
          std::uint64_t{17'583'590'000'000}, 50 * trillion, std::uint64_t{4'503'462'180'000'000}}) {
        std::uint64_t begin = start + random() % 1000;
        for (int round = 0; round < 24; ++round) {
            // A few numbers at times, so that several chunks lie in one byte.
            const std::uint64_t size = random() % (round % 3 == 0 ? 40 : 3'000'000);
            const std::uint64_t end = begin + size;
            ASSERT_EQ(cursor.sum(begin, end, primes), prime_sum(begin, end, primes))
                << begin << " to " << end;
            begin = round % 10 == 9 ? start + random() % 10'000'000 : end;
        }
    }
}

TEST(PrimeSumCursor, NeedsABitmapForTheRangeAtHandOnly) {
    PrimeSumCursor cursor;
    EXPECT_EQ(cursor.sum(0, 48, sieving_primes(48)), prime_sum(0, 48));
    EXPECT_EQ(cursor.sum(48, 120, sieving_primes(120)), prime_sum(48, 120));
    EXPECT_EQ(cursor.sum(120, 961, sieving_primes(961)), prime_sum(120, 961));
    EXPECT_EQ(cursor.sum(961, 10'000, sieving_primes(10'000)), prime_sum(961, 10'000));
}

TEST(SuperRanges, ReachTheEndOfThe64BitIntegers) {
    const std::uint64_t begin = 0 - std::uint64_t{8'000'000};
    const std::vector<std::byte> primes = sieving_primes(two_to_64);
    const std::uint64_t grain = 3'000'000;
    const SuperRanges plan = plan_super_ranges(begin, two_to_64, grain);
    ASSERT_EQ(plan.count, 1U);
    EXPECT_EQ(sum_by(plan, grain, primes, all_slices()), prime_sum_by_testing(begin, two_to_64));
}

TEST(SuperRanges, LetChunksWorkASliceThatFoundNoRoom) {
    const std::uint64_t begin = 9'000 * trillion + 7;
    const uint128 end = begin + 70'000'000;
    const std::vector<std::byte> primes = sieving_primes(end);
    SuperRanges plan = plan_super_ranges(begin, end, 33'333'333);
    ASSERT_EQ(plan.count, 1U);
    plan.capacity[0] /= 2;
    plan.capacity[50] = 0;
    plan.capacity[127] = 1;
    EXPECT_EQ(sum_by(plan, 33'333'333, primes, all_slices()), prime_sum(begin, end, primes));
}

TEST(SuperRanges, WriteTheSameAgainWhenASliceRunsAgain) {
    const std::uint64_t begin = 7'000 * trillion;
    const uint128 end = begin + 40'000'000;
    const std::vector<std::byte> primes = sieving_primes(end);
    const SuperRanges plan = plan_super_ranges(begin, end, 40'000'000);
    std::vector<std::size_t> twice = all_slices();
    twice.insert(twice.end(), {0, 5, 127, 5});
    EXPECT_EQ(sum_by(plan, 40'000'000, primes, twice), prime_sum(begin, end, primes));
}

TEST(SuperRanges, AreWholeChunksAndFitTheirMemory) {
    for (const std::uint64_t begin :
         {5'000 * trillion, 1'000'000 * trillion, 18'000'000 * trillion}) {
        for (const std::uint64_t length : {1'000'000ULL, 1'000'000'000ULL, 10'000'000'000ULL}) {
            for (const std::size_t bytes : {std::size_t{1} << 28, default_multiples_bytes}) {
                const std::uint64_t grain = super_range_grain(begin, uint128{begin} + length);
                const SuperRanges plan =
                    plan_super_ranges(begin, uint128{begin} + length, grain, bytes);
                ASSERT_GT(plan.count, 0U);
                EXPECT_LE(plan.bytes, bytes);
                EXPECT_GE(uint128{plan.count} * plan.length, length);
                EXPECT_LT(uint128{plan.count - 1} * plan.length, length);
                if (plan.count > 1) {
                    EXPECT_EQ(plan.length % grain, 0U);
                }
                EXPECT_TRUE(std::is_sorted(plan.slice_begin.begin(), plan.slice_begin.end()));
            }
        }
    }
}

TEST(SuperRanges, AreNoneWhereThereAreNoLargePrimesOrChunksAreTooLong) {
    EXPECT_EQ(plan_super_ranges(0, 4'000 * trillion, 1'000'000'000).count, 0U);
    EXPECT_EQ(super_range_grain(0, 4'000 * trillion), 0U);
    EXPECT_EQ(plan_super_ranges(trillion * 5'000, trillion * 5'000, 1).count, 0U);
    EXPECT_EQ(plan_super_ranges(trillion * 5'000, trillion * 8'000, trillion).count, 0U);
    EXPECT_EQ(plan_super_ranges(trillion * 5'000, trillion * 5'001, 100'000'000, 1000).count, 0U);
    EXPECT_EQ(plan_super_ranges(0, two_to_64, 100'000'000).count, 0U);
}

TEST(SuperRanges, RefuseWhatDoesNotBelongTogether) {
    const std::uint64_t begin = 9'000 * trillion;
    const uint128 end = begin + 200'000'000;
    const std::vector<std::byte> primes = sieving_primes(end);
    const SuperRanges plan = plan_super_ranges(begin, end, 50'000'000, std::size_t{5} << 20);
    ASSERT_GT(plan.count, 1U);
    std::vector<std::byte> memory = used_memory(plan);
    PrimeSumCursor cursor;
    const std::span<std::byte> too_short = std::span(memory).first(memory.size() - 1);
    EXPECT_THROW(static_cast<void>(plan_super_ranges(2, 1, 1)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(plan_super_ranges(1, 2, 0)), std::invalid_argument);
    EXPECT_THROW(find_large_multiples(plan, plan.count, 0, primes, memory), std::invalid_argument);
    EXPECT_THROW(find_large_multiples(plan, 0, 128, primes, memory), std::invalid_argument);
    EXPECT_THROW(find_large_multiples(plan, 0, 0, primes, too_short), std::invalid_argument);
    EXPECT_THROW(find_large_multiples(plan, 0, 0, {}, memory), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cursor.sum(begin, begin + 1, primes, plan, too_short)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cursor.sum(begin, end, primes, plan, memory)),
                 std::invalid_argument);
    EXPECT_THROW(static_cast<void>(cursor.sum(begin - 1, begin + 1, primes, plan, memory)),
                 std::invalid_argument);
    EXPECT_EQ(cursor.sum(begin, begin, primes, plan, memory), PrimeSum{});
}

}  // namespace
}  // namespace pinfold::kernels

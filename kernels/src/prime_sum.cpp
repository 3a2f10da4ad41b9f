#include <algorithm>
#include <array>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <stdexcept>
#include <vector>

#include "integer_sqrt.hpp"
#include "number_range.hpp"
#include "segment_sieve.hpp"

namespace pinfold::kernels {
namespace {

std::vector<std::byte> sieving_primes_for(uint128 end) {
    std::vector<std::byte> bitmap(sieving_bitmap_bytes(end));
    find_sieving_primes(0, bitmap.size(), bitmap);
    return bitmap;
}

void require_bitmap(uint128 end, std::span<const std::byte> sieving_primes) {
    const std::size_t needed = sieving_bitmap_bytes(end);
    if (sieving_primes.size() < needed) {
        throw std::invalid_argument("the sieving primes of an end of " + decimal(end) + " need " +
                                    std::to_string(needed) + " bytes, not " +
                                    std::to_string(sieving_primes.size()));
    }
}

/// The primes that the wheel leaves out.
PrimeSum wheel_primes(std::uint64_t begin, uint128 end) {
    PrimeSum total;
    for (const std::uint64_t prime : {2U, 3U, 5U}) {
        if (begin <= prime && prime < end) {
            total += {1, prime};
        }
    }
    return total;
}

/// Calls visit(segment) for each segment of [begin, end).
template <typename Visit>
void for_each_segment(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes,
                      Visit&& visit) {
    for (uint128 at = begin; at < end; at += SegmentSieve::max_span) {
        SegmentSieve sieve(static_cast<std::uint64_t>(at),
                           std::min(end, at + SegmentSieve::max_span), sieving_primes);
        for (auto segment = sieve.next(); !segment.bits.empty(); segment = sieve.next()) {
            visit(segment);
        }
    }
}

}  // namespace

PrimeSum prime_sum(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes) {
    require_range(begin, end);
    require_bitmap(end, sieving_primes);
    const IsaFunctions& functions = isa_functions();
    PrimeSum total = wheel_primes(begin, end);
    for_each_segment(begin, end, sieving_primes, [&](const SegmentSieve::Segment& segment) {
        const BitSum bits = functions.sum_bits(segment.bits);
        total += {bits.count, uint128{segment.first_number} * bits.count + bits.sum};
    });
    return total;
}

PrimeSum prime_sum(std::uint64_t begin, uint128 end) {
    require_range(begin, end);
    return prime_sum(begin, end, sieving_primes_for(end));
}

std::uint64_t prime_count(std::uint64_t begin, uint128 end,
                          std::span<const std::byte> sieving_primes) {
    require_range(begin, end);
    require_bitmap(end, sieving_primes);
    const IsaFunctions& functions = isa_functions();
    std::uint64_t total = wheel_primes(begin, end).count;
    for_each_segment(begin, end, sieving_primes, [&](const SegmentSieve::Segment& segment) {
        total += functions.count_bits(segment.bits);
    });
    return total;
}

std::uint64_t prime_count(std::uint64_t begin, uint128 end) {
    require_range(begin, end);
    return prime_count(begin, end, sieving_primes_for(end));
}

std::uint64_t prime_sum_grain(std::uint64_t begin, uint128 end) noexcept {
    // Sieving takes about 0.1 ns a number and setting up a sieving prime about 5 ns, so a chunk of
    // 16 times the root spends at most a tenth on its set-up while a few chunks remain to share.
    constexpr std::uint64_t few_milliseconds = 30'000'000;
    const uint128 last = end > begin ? std::min(end, two_to_the_64) - 1 : uint128{begin};
    const std::uint64_t root = integer_sqrt(static_cast<std::uint64_t>(last));
    return std::max(few_milliseconds, 16 * root);
}

}  // namespace pinfold::kernels

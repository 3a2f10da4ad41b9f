#include <algorithm>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <pinfold/kernels/super_ranges.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "integer_sqrt.hpp"
#include "number_range.hpp"
#include "segment_sieve.hpp"

namespace pinfold::kernels {
namespace {

// A chunk takes 3 ms or more, about as long as a claim and a first touch of its memory are free.
constexpr std::uint64_t shortest_grain = 30'000'000;
constexpr std::uint64_t longest_grain = 300'000'000;

// The set-up grows with the root: with a hundred times the root it is about a tenth of the sieving.
// Far up that is a chunk too long to share, and the set-up may be more: a third at 10^18.
constexpr std::uint64_t grain_per_root = 100;
constexpr std::uint64_t large_root = std::uint64_t{1} << 31;
constexpr std::uint64_t large_root_grain = std::uint64_t{1} << 30;

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

/// The longest range that is worked as one: near 2^64 one part has at most 45 million primes with a
/// multiple in it, which wait in 360 MB; shorter parts would pay the set-up more often.
std::uint64_t longest_part(uint128 end) {
    constexpr std::uint64_t few_primes = std::uint64_t{1} << 29;
    const std::uint64_t root = integer_sqrt(static_cast<std::uint64_t>(end - 1));
    return root <= few_primes ? SegmentSieve::max_span : large_root_grain;
}

/// Calls visit(segment) for each segment of [begin, end).
template <typename Visit>
void for_each_segment(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes,
                      Visit&& visit) {
    for (uint128 at = begin; at < end;) {
        const uint128 part_end = std::min(end, at + longest_part(end));
        SegmentSieve sieve(static_cast<std::uint64_t>(at), part_end, sieving_primes);
        for (auto segment = sieve.next(); !segment.bits.empty(); segment = sieve.next()) {
            visit(segment);
        }
        at = part_end;
    }
}

/// Adds up what a segment holds.
class Summing {
  public:
    explicit Summing(PrimeSum from) : total_(from) {}
    void operator()(const SegmentSieve::Segment& segment) {
        const BitSum bits = functions_.sum_bits(segment.bits);
        total_ += {bits.count, uint128{segment.first_number} * bits.count + bits.sum};
    }
    [[nodiscard]] const PrimeSum& total() const noexcept { return total_; }

  private:
    const IsaFunctions& functions_ = isa_functions();
    PrimeSum total_;
};

void require_lists(std::uint64_t begin, uint128 end, const SuperRanges& plan,
                   std::span<const std::byte> memory) {
    if (begin < plan.begin || end > plan.end || plan.count == 0 || memory.size() < plan.bytes ||
        (begin - plan.begin) / plan.length !=
            static_cast<std::uint64_t>(end - 1 - plan.begin) / plan.length) {
        throw std::invalid_argument("the chunk [" + decimal(begin) + ", " + decimal(end) +
                                    ") does not lie in one super-range of " +
                                    std::to_string(plan.length) + " numbers from " +
                                    decimal(plan.begin) + " to " + decimal(plan.end) +
                                    ", whose lists need " + std::to_string(plan.bytes) +
                                    " bytes, not " + std::to_string(memory.size()));
    }
}

}  // namespace

PrimeSum prime_sum(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes) {
    require_range(begin, end);
    require_bitmap(end, sieving_primes);
    Summing summing(wheel_primes(begin, end));
    for_each_segment(begin, end, sieving_primes, summing);
    return summing.total();
}

PrimeSum prime_sum(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes,
                   const SuperRanges& plan, std::span<const std::byte> memory) {
    require_range(begin, end);
    require_bitmap(end, sieving_primes);
    if (begin == end) {
        return {};
    }
    require_lists(begin, end, plan, memory);
    const ListedMultiples listed(plan, (begin - plan.begin) / plan.length, memory);
    SegmentSieve sieve(begin, end, sieving_primes, &listed);
    Summing summing(wheel_primes(begin, end));
    for (auto segment = sieve.next(); !segment.bits.empty(); segment = sieve.next()) {
        summing(segment);
    }
    return summing.total();
}

PrimeSum prime_sum(std::uint64_t begin, uint128 end) {
    require_range(begin, end);
    return begin == end ? PrimeSum{} : prime_sum(begin, end, sieving_primes_for(end));
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
    return begin == end ? 0 : prime_count(begin, end, sieving_primes_for(end));
}

std::uint64_t prime_sum_grain(std::uint64_t begin, uint128 end) noexcept {
    const uint128 last = end > begin ? std::min(end, two_to_the_64) - 1 : uint128{begin};
    const auto length = static_cast<std::uint64_t>(last - begin);
    const std::uint64_t root = integer_sqrt(static_cast<std::uint64_t>(last));
    const std::uint64_t for_sharing = std::clamp(length / 256, shortest_grain, longest_grain);
    const std::uint64_t for_set_up = root > large_root
                                         ? large_root_grain
                                         : std::min(grain_per_root * root, large_root_grain / 2);
    return std::max(for_sharing, for_set_up);
}

}  // namespace pinfold::kernels

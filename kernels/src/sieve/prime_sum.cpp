#include <algorithm>
#include <pinfold/kernels/is_prime.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/prime_sum_cursor.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "arithmetic/integer_sqrt.hpp"
#include "arithmetic/number_range.hpp"
#include "sieve/large/listed_multiples.hpp"
#include "sieve/sieve_walk.hpp"
#include "wheel/wheel30.hpp"

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

/// The end of the bytes that are sieved for a range that ends at `end`.
uint128 sieved_end(uint128 end) {
    return end - end % 30;
}

/// The primes of a range that the sieve does not show: the wheel leaves 2, 3 and 5 out, and of a
/// byte that is shared with the next range only that one sieves.
PrimeSum unsieved_primes(std::uint64_t begin, uint128 end) {
    PrimeSum total;
    for (const std::uint64_t prime : {2U, 3U, 5U}) {
        if (begin <= prime && prime < end) {
            total += {1, prime};
        }
    }
    const auto shared = static_cast<std::uint64_t>(sieved_end(end));
    for (std::uint64_t offset = 0; offset < end % 30; ++offset) {
        const std::uint64_t number = shared + offset;
        if (number >= begin && residue_bit[offset] < 8 && is_prime(number)) {
            total += {1, number};
        }
    }
    return total;
}

/// Adds up what segments hold.
class Summing {
  public:
    explicit Summing(PrimeSum from) : total_(from) {}
    void operator()(const SegmentSieve::Segment& segment) {
        const BitSum bits = functions_.sum_bits(segment.bits);
        total_ += {bits.count, uint128{segment.first_number} * bits.count + bits.sum};
    }
    [[nodiscard]] const PrimeSum& total() const noexcept { return total_; }

  private:
    const SieveFunctions& functions_ = sieve_functions.active();
    PrimeSum total_;
};

}  // namespace

PrimeSum prime_sum(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes) {
    require_range(begin, end);
    require_bitmap(end, sieving_primes);
    Summing summing(unsieved_primes(begin, end));
    SieveWalk(SegmentSieve::Reach::range)
        .visit(begin, sieved_end(end), sieving_primes, nullptr, summing);
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
    const SieveFunctions& functions = sieve_functions.active();
    std::uint64_t total = unsieved_primes(begin, end).count;
    SieveWalk(SegmentSieve::Reach::range)
        .visit(begin, sieved_end(end), sieving_primes, nullptr,
               [&](const SegmentSieve::Segment& segment) {
                   total += functions.count_bits(segment.bits);
               });
    return total;
}

std::uint64_t prime_count(std::uint64_t begin, uint128 end) {
    require_range(begin, end);
    return begin == end ? 0 : prime_count(begin, end, sieving_primes_for(end));
}

struct PrimeSumCursor::State {
    SieveWalk walk{SegmentSieve::Reach::beyond};
};

PrimeSumCursor::PrimeSumCursor() : state_(std::make_unique<State>()) {}
PrimeSumCursor::~PrimeSumCursor() = default;

PrimeSum PrimeSumCursor::sum(std::uint64_t begin, uint128 end,
                             std::span<const std::byte> sieving_primes) {
    require_range(begin, end);
    require_bitmap(end, sieving_primes);
    Summing summing(unsieved_primes(begin, end));
    state_->walk.visit(begin, sieved_end(end), sieving_primes, nullptr, summing);
    return summing.total();
}

PrimeSum PrimeSumCursor::sum(std::uint64_t begin, uint128 end,
                             std::span<const std::byte> sieving_primes, const SuperRanges& plan,
                             std::span<const std::byte> lists) {
    require_range(begin, end);
    require_bitmap(end, sieving_primes);
    if (begin == end) {
        return {};
    }
    const ListedMultiples listed = listed_multiples_of(begin, end, plan, lists);
    Summing summing(unsieved_primes(begin, end));
    state_->walk.visit(begin, sieved_end(end), sieving_primes, &listed, summing);
    return summing.total();
}

std::uint64_t prime_sum_grain(std::uint64_t begin, uint128 end) noexcept {
    const uint128 last = end > begin ? std::min(end, two_to_64) - 1 : uint128{begin};
    const auto length = static_cast<std::uint64_t>(last - begin);
    const std::uint64_t root = integer_sqrt(static_cast<std::uint64_t>(last));
    const std::uint64_t for_sharing = std::clamp(length / 256, shortest_grain, longest_grain);
    const std::uint64_t for_set_up = root > large_root
                                         ? large_root_grain
                                         : std::min(grain_per_root * root, large_root_grain / 2);
    return std::max(for_sharing, for_set_up);
}

}  // namespace pinfold::kernels

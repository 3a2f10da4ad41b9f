// A segmented sieve of Eratosthenes (Bays and Hudson 1977) on a wheel of 30. A segment fits the
// second-level cache. It is made in blocks that fit the first level: the presieved pattern is
// copied, then the small primes cross off their multiples. Then the medium primes do over the whole
// segment.
#include "segment_sieve.hpp"

#include <algorithm>

#include "integer_sqrt.hpp"
#include "presieve.hpp"
#include "wheel30.hpp"

namespace pinfold::kernels {
namespace {

/// Fits a first-level cache of 32 KiB and more. Here and below see docs/kernels.md for the
/// measurements.
constexpr std::size_t block_bytes = std::size_t{1} << 15;

/// Larger primes have too few multiples in a block to be worth a visit to each.
constexpr std::uint64_t largest_small_prime = block_bytes / 4;

/// Up to this root a segment of half the size is better, for it leaves room in the second-level
/// cache.
constexpr std::uint64_t small_root = std::uint64_t{1} << 18;

unsigned segment_log2_for(std::uint64_t root) {
    return root <= small_root ? 19 : 20;
}

std::size_t round_up(std::size_t bytes) {
    return (bytes + vector_bytes - 1) / vector_bytes * vector_bytes;
}

std::size_t segments(std::uint64_t bytes, unsigned segment_log2) {
    return ((bytes - 1) >> segment_log2) + 1;
}

}  // namespace

SegmentSieve::SegmentSieve(std::uint64_t begin, uint128 end,
                           std::span<const std::byte> sieving_primes, const ListedMultiples* listed)
    : functions_(isa_functions()),
      begin_(begin),
      end_(end),
      first_byte_(begin / 30),
      last_byte_(static_cast<std::uint64_t>((end - 1) / 30) + 1),
      segment_log2_(segment_log2_for(integer_sqrt(static_cast<std::uint64_t>(end - 1)))),
      large_(segments(last_byte_ - first_byte_, segment_log2_), segment_log2_),
      listed_(listed) {
    const std::size_t segment_bytes = std::size_t{1} << segment_log2_;
    memory_ = std::make_unique_for_overwrite<Line[]>(segment_bytes / vector_bytes + 1);
    bits_ = {memory_[0].bytes, segment_bytes};
    const std::uint64_t limit = integer_sqrt(static_cast<std::uint64_t>(end - 1));
    for_each_prime(sieving_primes, largest_presieved_prime + 1,
                   std::min<std::uint64_t>(limit, 30 * first_large_byte),
                   [this](std::uint64_t prime) { add(prime); });
    const std::size_t last = std::min<std::size_t>(sieving_primes.size(), limit / 30 + 1);
    if (listed == nullptr) {
        add_large(sieving_primes, {first_large_byte, last});
        return;
    }
    for (const PrimeBytes& slice : listed->unlisted()) {
        add_large(sieving_primes, slice);
    }
}

void SegmentSieve::add(std::uint64_t prime) {
    const std::uint64_t first_number = 30 * first_byte_;
    std::uint64_t cofactor = first_number / prime + 1;
    std::uint64_t distance = prime - first_number % prime;  // of the multiple from the first number
    if (cofactor < prime) {
        cofactor = prime;
        distance = prime * prime - first_number;
    }
    const std::uint64_t step = to_next_coprime_to_30[cofactor % 30];
    const std::uint64_t next = (distance + step * prime) / 30;
    if (next < last_byte_ - first_byte_) {
        CrossOff& primes = prime <= largest_small_prime ? small_ : medium_;
        primes.add(prime, cofactor + step, static_cast<std::uint32_t>(next));
    }
}

void SegmentSieve::add_large(std::span<const std::byte> sieving_primes, PrimeBytes part) {
    const LargeRange range = {30 * first_byte_, last_byte_ - first_byte_};
    LargeBatch batch;
    for (std::size_t byte = part.first; byte < part.last; byte += large_batch_bytes) {
        const std::size_t size = std::min(large_batch_bytes, part.last - byte);
        functions_.set_up_large_primes(sieving_primes.subspan(byte, size), byte, range, batch);
        large_.add(batch);
    }
}

SegmentSieve::Segment SegmentSieve::next() {
    if (first_byte_ >= last_byte_) {
        return {};
    }
    const std::size_t real = std::min<std::uint64_t>(bits_.size(), last_byte_ - first_byte_);
    const std::span<std::uint8_t> bits = bits_.first(round_up(real));
    for (std::size_t done = 0; done < bits.size(); done += block_bytes) {
        const auto block = bits.subspan(done, std::min(block_bytes, bits.size() - done));
        Presieve::instance().fill(first_byte_ + done, block, functions_);
        small_.sieve(block);
    }
    medium_.sieve(bits);
    large_.sieve(bits.data());
    if (listed_ != nullptr) {
        listed_->cross_off(first_byte_, bits.first(real));
    }
    std::fill(bits.begin() + static_cast<std::ptrdiff_t>(real), bits.end(), std::uint8_t{0});
    const std::uint64_t first_number = 30 * first_byte_;
    if (first_number < begin_) {
        bits[0] &=
            static_cast<std::uint8_t>(0xFF << first_bit_from(unsigned(begin_ - first_number)));
    }
    first_byte_ += real;
    if (uint128{30} * first_byte_ > end_) {
        const auto kept = static_cast<unsigned>(end_ - uint128{30} * (first_byte_ - 1));
        bits[real - 1] &= static_cast<std::uint8_t>((1U << first_bit_from(kept)) - 1);
    }
    return {first_number, bits};
}

}  // namespace pinfold::kernels

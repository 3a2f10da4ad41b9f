// A segmented sieve of Eratosthenes (Bays and Hudson 1977) on a wheel of 30. A segment fits the
// second-level cache. It is made in blocks that fit the first level: the presieved pattern is
// copied, then the small primes cross off their multiples. Then the medium primes do over the whole
// segment.
#include "sieve/segment_sieve.hpp"

#include <algorithm>
#include <utility>

#include "arithmetic/integer_sqrt.hpp"
#include "arithmetic/round_up.hpp"
#include "isa/first_level_cache.hpp"
#include "sieve/large/large_prime_functions.hpp"
#include "sieve/large/large_steps.hpp"
#include "sieve/presieve.hpp"
#include "wheel/wheel210.hpp"
#include "wheel/wheel30.hpp"

namespace pinfold::kernels {
namespace {

/// A block fills a first-level cache of 48 KiB, as newer processors have it, and fits every other.
/// Here and below see docs/kernels.md for the measurements.
std::size_t block_bytes() noexcept {
    constexpr std::size_t unit = std::size_t{1} << 14;
    return (first_level_cache_bytes() >= 3 * unit ? 3 : 2) * unit;
}

/// Larger primes have too few multiples in a block to be worth a visit to each.
constexpr std::uint64_t largest_small_prime = std::uint64_t{1} << 13;

/// Up to this root a segment of half the size is better, for it leaves room in the second-level
/// cache.
constexpr std::uint64_t small_root = std::uint64_t{1} << 18;
static_assert(small_root < 30 * first_large_byte);
static_assert(BucketSieve::segment_bytes <= max_segment_bytes);
static_assert(BucketSieve::segment_bytes == ListedMultiples::segment_bytes);

/// Whole blocks where large primes do not ask for a power of two.
std::size_t segment_bytes_for(std::uint64_t root, std::size_t block_bytes) {
    constexpr std::size_t half = BucketSieve::segment_bytes / 2;
    return root <= small_root ? half - half % block_bytes : BucketSieve::segment_bytes;
}

std::uint64_t byte_behind(uint128 end) {
    return static_cast<std::uint64_t>((end - 1) / 30) + 1;
}

/// The largest prime whose square lies below `end`.
std::uint64_t limit_of(uint128 end) {
    return integer_sqrt(static_cast<std::uint64_t>(end - 1));
}

/// The bytes of the sieving primes from which they have at most so many multiples in a segment.
constexpr std::size_t first_with_6 = first_quotient_with(6, BucketSieve::segment_bytes);
constexpr std::size_t first_with_5 = first_quotient_with(5, BucketSieve::segment_bytes);
constexpr std::size_t first_with_4 = first_quotient_with(4, BucketSieve::segment_bytes);

constexpr std::uint64_t smallest_large_prime = 30 * first_large_byte;
constexpr std::uint64_t smallest_listed_prime = 30 * first_listed_byte;

}  // namespace

SegmentSieve::SegmentSieve(std::uint64_t begin, uint128 end,
                           std::span<const std::byte> sieving_primes, const ListedMultiples* listed,
                           Reach reach)
    : functions_(sieve_functions.active()),
      begin_(begin),
      end_(end),
      first_byte_(begin / 30),
      last_byte_(byte_behind(end)),
      limit_(limit_of(end)),
      reach_(may_go_on(limit_, listed) ? reach : Reach::range),
      listed_(listed),
      block_bytes_(block_bytes()) {
    const std::size_t segment_bytes = segment_bytes_for(limit_, block_bytes_);
    memory_ = std::make_unique_for_overwrite<Line[]>(segment_bytes / vector_bytes + 1);
    bits_ = {memory_[0].bytes, segment_bytes};
    large_.reserve(furthest_multiple());
    for_each_prime(sieving_primes, largest_presieved_prime + 1,
                   std::min<std::uint64_t>(limit_, 30 * first_batch_byte - 1),
                   [this](std::uint64_t prime) { add(prime); });
    const std::size_t last = std::min<std::size_t>(sieving_primes.size(), limit_ / 30 + 1);
    const auto up_to = [last](std::size_t byte) { return std::min(byte, last); };
    add_batches(sieving_primes, {first_batch_byte, up_to(first_with_6)}, medium_);
    add_batches(sieving_primes, {first_with_6, up_to(first_with_5)}, std::get<0>(sparse_));
    add_batches(sieving_primes, {first_with_5, up_to(first_with_4)}, std::get<1>(sparse_));
    add_batches(sieving_primes, {first_with_4, up_to(first_large_byte)}, std::get<2>(sparse_));
    if (listed == nullptr) {
        add_batches(sieving_primes, {first_large_byte, last}, large_);
        return;
    }
    add_batches(sieving_primes, {first_large_byte, std::min(first_listed_byte, last)}, large_);
    for (const PrimeBytes& slice : listed->unlisted()) {
        add_batches(sieving_primes, {slice.first, up_to(slice.last)}, large_);
    }
}

bool SegmentSieve::may_go_on(std::uint64_t limit, const ListedMultiples* listed) {
    const bool all_listed = listed != nullptr && listed->unlisted().empty();
    return limit < smallest_listed_prime || all_listed;
}

bool SegmentSieve::go_on(std::uint64_t begin, uint128 end,
                         std::span<const std::byte> sieving_primes, const ListedMultiples* listed) {
    const std::uint64_t last_byte = byte_behind(end);
    const std::uint64_t limit = limit_of(end);
    if (!can_go_on() || begin / 30 != first_byte_ || end_ % 30 != 0 || !may_go_on(limit, listed) ||
        segment_bytes_for(limit, block_bytes_) != bits_.size()) {
        return false;
    }
    begin_ = begin;
    end_ = end;
    last_byte_ = last_byte;
    listed_ = listed;
    const std::uint64_t former_limit = std::exchange(limit_, limit);
    large_.reserve(furthest_multiple());
    for_each_prime(sieving_primes, former_limit + 1, std::min(limit, smallest_listed_prime - 1),
                   [this](std::uint64_t prime) { add(prime); });
    return true;
}

void SegmentSieve::add(std::uint64_t prime) {
    if (prime >= smallest_large_prime) {
        add_square(prime);
        return;
    }
    const std::uint64_t first_number = 30 * first_byte_;
    std::uint64_t cofactor = first_number / prime + 1;
    std::uint64_t distance = prime - first_number % prime;  // of the multiple from the first number
    if (cofactor < prime) {
        cofactor = prime;
        distance = prime * prime - first_number;
    }
    const std::uint64_t step = to_next_coprime_to_30[cofactor % 30];
    const std::uint64_t next = (distance + step * prime) / 30;
    if (next < last_byte_ - first_byte_ || reach_ == Reach::beyond) {
        add_to_list(prime, cofactor + step, static_cast<std::uint32_t>(next));
    }
}

void SegmentSieve::add_to_list(std::uint64_t prime, std::uint64_t cofactor, std::uint32_t byte) {
    const std::uint64_t quotient = prime / 30;
    if (prime <= largest_small_prime) {
        small_.add(prime, cofactor, byte);
    } else if (quotient < first_with_6) {
        medium_.add(prime, cofactor, byte);
    } else if (quotient < first_with_5) {
        std::get<0>(sparse_).add(prime, cofactor, byte);
    } else if (quotient < first_with_4) {
        std::get<1>(sparse_).add(prime, cofactor, byte);
    } else {
        std::get<2>(sparse_).add(prime, cofactor, byte);
    }
}

/// A large prime that a longer range brings in begins with its square.
void SegmentSieve::add_square(std::uint64_t prime) {
    const auto bit = static_cast<std::uint32_t>(prime / 30 * 8 + residue_bit[prime % 30]);
    large_.add(bit, prime * prime / 30 - first_byte_,
               large_step_state(bit, next_cofactor[prime % 210].number));
}

/// How many bytes ahead a prime up to the limit may have its next multiple: all squares are in the
/// range.
std::uint64_t SegmentSieve::furthest_multiple() const noexcept {
    return std::max(last_byte_ - first_byte_, longest_large_step(limit_));
}

template <typename To>
void SegmentSieve::add_batches(std::span<const std::byte> sieving_primes, PrimeBytes part, To& to) {
    const LargeRange range = {
        30 * first_byte_, reach_ == Reach::beyond ? furthest_multiple() : last_byte_ - first_byte_};
    const LargePrimeFunctions& functions = large_prime_functions.active();
    LargeBatch batch;
    for (std::size_t byte = part.first; byte < part.last; byte += large_batch_bytes) {
        const std::size_t size = std::min(large_batch_bytes, part.last - byte);
        functions.set_up(sieving_primes.subspan(byte, size), byte, range, batch);
        to.add(batch);
    }
}

SegmentSieve::Segment SegmentSieve::next() {
    if (first_byte_ >= last_byte_) {
        return {};
    }
    const std::size_t most = large_.empty() ? bits_.size() : large_.room();
    const std::size_t real = std::min<std::uint64_t>(most, last_byte_ - first_byte_);
    const std::span<std::uint8_t> bits = bits_.first(round_up(real, vector_bytes));
    for (std::size_t done = 0; done < real; done += block_bytes_) {
        const auto block = bits.subspan(done, std::min(block_bytes_, bits.size() - done));
        Presieve::instance().fill(first_byte_ + done, block, functions_);
        small_.sieve(block.first(std::min(block_bytes_, real - done)));
    }
    medium_.sieve(bits.first(real));
    std::apply([&](auto&... lists) { (lists.sieve(bits.first(real)), ...); }, sparse_);
    if (!large_.empty()) {
        large_.sieve(bits.first(real));
    }
    if (listed_ != nullptr) {
        listed_->cross_off(first_byte_, bits.first(real));
    }
    first_byte_ += real;
    return cut(first_byte_ - real, real);
}

/// The segment of the first `bytes` bytes of bits_ without what lies outside the range.
SegmentSieve::Segment SegmentSieve::cut(std::uint64_t first_byte, std::size_t bytes) noexcept {
    const std::span<std::uint8_t> bits = bits_.first(round_up(bytes, vector_bytes));
    std::fill(bits.begin() + static_cast<std::ptrdiff_t>(bytes), bits.end(), std::uint8_t{0});
    const std::uint64_t first_number = 30 * first_byte;
    if (first_number < begin_) {
        bits[0] &=
            static_cast<std::uint8_t>(0xFF << first_bit_from(unsigned(begin_ - first_number)));
    }
    const uint128 last_number = uint128{30} * (first_byte + bytes - 1);
    if (last_number + 30 > end_) {
        const auto kept = static_cast<unsigned>(end_ - last_number);
        bits[bytes - 1] &= static_cast<std::uint8_t>((1U << first_bit_from(kept)) - 1);
    }
    return {first_number, bits};
}

}  // namespace pinfold::kernels

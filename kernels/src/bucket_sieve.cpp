// The bucket sieve of Oliveira e Silva (2001) on a wheel of 210, which skips the multiples of 7
// that the presieved pattern has crossed off already.
#include "bucket_sieve.hpp"

#include <utility>

#include "large_steps.hpp"

namespace pinfold::kernels {
namespace {

constexpr unsigned byte_bits = 20;
constexpr std::uint32_t byte_mask = (std::uint32_t{1} << byte_bits) - 1;
constexpr std::size_t blocks_at_once = 64;

}  // namespace

BucketSieve::BucketSieve(std::size_t ring, unsigned segment_log2, std::size_t segments)
    : segment_log2_(segment_log2), segments_(segments), buckets_(ring) {}

void BucketSieve::add(const LargeBatch& batch) {
    for (std::size_t i = 0; i < batch.size; ++i) {
        add(batch.prime_bits[i], batch.bytes[i], batch.states[i]);
    }
}

void BucketSieve::add(std::uint32_t prime_bit, std::uint64_t byte, std::uint32_t state) {
    const std::uint64_t at = offset_ + byte;
    const std::size_t in_segment = at & ((std::size_t{1} << segment_log2_) - 1);
    put(buckets_[(current_ + (at >> segment_log2_)) & (buckets_.size() - 1)],
        {prime_bit / 8, static_cast<std::uint32_t>(state << byte_bits | in_segment)});
}

/// The block that holds the last place.
BucketSieve::Block* BucketSieve::block_of(Bucket bucket) noexcept {
    const auto last = reinterpret_cast<std::uintptr_t>(bucket) - 1;
    return bucket == nullptr ? nullptr : reinterpret_cast<Block*>(last / block_bytes * block_bytes);
}

inline void BucketSieve::put(Bucket& bucket, Place place) {
    if (reinterpret_cast<std::uintptr_t>(bucket) % block_bytes == 0) {
        extend(bucket);
    }
    *bucket++ = place;
}

void BucketSieve::extend(Bucket& bucket) {
    if (free_ == nullptr) {
        slabs_.push_back(std::make_unique_for_overwrite<Block[]>(blocks_at_once));
        for (std::size_t i = 0; i < blocks_at_once; ++i) {
            slabs_.back()[i].previous = free_;
            free_ = &slabs_.back()[i];
        }
    }
    Block* const block = free_;
    free_ = block->previous;
    block->previous = block_of(bucket);
    bucket = block->places;
}

void BucketSieve::sieve(std::span<std::uint8_t> piece) {
    const std::size_t end = offset_ + piece.size();
    const bool to_border = end == std::size_t{1} << segment_log2_;
    Bucket& bucket = buckets_[current_ & (buckets_.size() - 1)];
    // A prime may have several multiples in a segment: it comes back to the bucket.
    do {
        const Bucket taken = std::exchange(bucket, nullptr);
        take(taken, [&](std::span<const Place> places) {
            if (to_border) {
                sieve_to_border(piece, places);
            } else {
                sieve_within(piece, places);
            }
        });
    } while (to_border && bucket != nullptr);
    offset_ = end;
    if (to_border) {
        offset_ = 0;
        ++current_;
    }
}

/// Visits the places of a bucket and frees its blocks.
template <typename Visit>
void BucketSieve::take(Bucket bucket, Visit visit) {
    const Place* end = bucket;
    for (Block* block = block_of(bucket); block != nullptr;) {
        visit(std::span<const Place>(block->places, end));
        Block* const previous = block->previous;
        block->previous = free_;
        free_ = block;
        block = previous;
        end = block != nullptr ? block->places + Block::capacity : nullptr;
    }
}

// One multiple of each: how many a prime has in the segment cannot be predicted.
void BucketSieve::sieve_to_border(std::span<std::uint8_t> piece, std::span<const Place> places) {
    // Copies, since for all the compiler knows a write to the piece may change the members.
    const unsigned segment_log2 = segment_log2_;
    const std::size_t in_segment = (std::size_t{1} << segment_log2) - 1;
    const std::size_t offset = offset_;
    const std::size_t current = current_;
    const std::size_t left = segments_ - current;
    const std::span<Bucket> buckets = buckets_;
    for (const Place place : places) {
        const std::size_t byte = place.state & byte_mask;
        const LargeStep step = large_steps[place.state >> byte_bits];
        piece[byte - offset] &= step.keep;
        const std::size_t next = byte + std::size_t{step.gap} * place.quotient + step.carry;
        const std::size_t ahead = next >> segment_log2;
        if (ahead < left) {
            put(buckets[(current + ahead) & (buckets.size() - 1)],
                {place.quotient,
                 static_cast<std::uint32_t>(step.next_state << byte_bits | (next & in_segment))});
        }
    }
}

// For a piece that ends before its segment: those that are left stay in the bucket.
void BucketSieve::sieve_within(std::span<std::uint8_t> piece, std::span<const Place> places) {
    for (const Place place : places) {
        std::size_t byte = (place.state & byte_mask) - offset_;
        std::size_t state = place.state >> byte_bits;
        while (byte < piece.size()) {
            const LargeStep step = large_steps[state];
            piece[byte] &= step.keep;
            byte += std::size_t{step.gap} * place.quotient + step.carry;
            state = step.next_state;
        }
        byte += offset_;
        const std::size_t ahead = byte >> segment_log2_;
        if (ahead < segments_ - current_) {
            put(buckets_[(current_ + ahead) & (buckets_.size() - 1)],
                {place.quotient,
                 static_cast<std::uint32_t>(state << byte_bits |
                                            (byte & ((std::size_t{1} << segment_log2_) - 1)))});
        }
    }
}

}  // namespace pinfold::kernels

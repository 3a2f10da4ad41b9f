// The bucket sieve of Oliveira e Silva (2001) on a wheel of 210, which skips the multiples of 7
// that the presieved pattern has crossed off already.
#include "sieve/large/bucket_sieve.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "sieve/large/large_steps.hpp"

namespace pinfold::kernels {

void BucketSieve::reserve(std::uint64_t bytes) {
    const std::size_t segments = (bytes >> segment_log2) + 2;
    buckets_.resize(std::max(buckets_.size(), segments));
}

void BucketSieve::add(const LargeBatch& batch) {
    for (std::size_t i = 0; i < batch.size; ++i) {
        add(batch.prime_bits[i], batch.bytes[i], batch.states[i]);
    }
}

void BucketSieve::add(std::uint32_t prime_bit, std::uint64_t byte, std::uint32_t state) {
    put(buckets_.data(), prime_bit / 8, offset_ + byte, state);
}

/// The block that holds the last place.
BucketSieve::Block* BucketSieve::block_of(Bucket bucket) noexcept {
    const auto last = reinterpret_cast<std::uintptr_t>(bucket) - 1;
    return bucket == nullptr ? nullptr : reinterpret_cast<Block*>(last / block_bytes * block_bytes);
}

inline std::size_t BucketSieve::byte_of(Place place) noexcept {
    return place.next >> state_bits;
}

inline std::size_t BucketSieve::state_of(Place place) noexcept {
    return place.next & ((1U << state_bits) - 1);
}

/// `byte` is counted from the begin of the segment.
inline void BucketSieve::put(Bucket* buckets, std::uint32_t quotient, std::uint64_t byte,
                             std::uint32_t state) {
    Bucket& bucket = buckets[byte >> segment_log2];
    if (reinterpret_cast<std::uintptr_t>(bucket) % block_bytes == 0) {
        extend(bucket);
    }
    *bucket++ = {quotient, static_cast<std::uint32_t>(byte << state_bits) | state};
}

void BucketSieve::extend(Bucket& bucket) {
    if (free_ == nullptr) {
        slabs_.push_back(make_huge_page());
        auto* const blocks = static_cast<Block*>(slabs_.back().get());
        for (std::size_t i = 0; i < huge_page_bytes / sizeof(Block); ++i) {
            Block* const block = new (blocks + i) Block;
            block->previous = std::exchange(free_, block);
        }
    }
    Block* const block = free_;
    free_ = block->previous;
    block->previous = block_of(bucket);
    bucket = block->places;
}

void BucketSieve::sieve(std::span<std::uint8_t> piece) {
    const std::size_t end = offset_ + piece.size();
    const bool is_segment = piece.size() == segment_bytes;
    Bucket& bucket = buckets_.front();
    // A prime may have several multiples in a segment: it comes back to the bucket.
    do {
        take(std::exchange(bucket, nullptr), [&](std::span<const Place> places) {
            if (is_segment) {
                sieve_segment(piece, places);
            } else {
                sieve_piece(piece, places);
            }
        });
    } while (is_segment && bucket != nullptr);
    offset_ = end;
    if (end == segment_bytes) {
        offset_ = 0;
        std::rotate(buckets_.begin(), buckets_.begin() + 1, buckets_.end());
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
void BucketSieve::sieve_segment(std::span<std::uint8_t> segment, std::span<const Place> places) {
    // Copies, since for all the compiler knows a write to the segment may change the members.
    std::uint8_t* const bytes = segment.data();
    Bucket* const buckets = buckets_.data();
    for (const Place place : places) {
        const std::size_t byte = byte_of(place);
        const LargeStep& step = large_steps[state_of(place)];
        bytes[byte] &= step.keep;
        const std::size_t next = byte + std::size_t{step.gap} * place.quotient + step.carry;
        put(buckets, place.quotient, next, step.next_state);
    }
}

// For a piece that is no whole segment: those that are left stay in the bucket.
void BucketSieve::sieve_piece(std::span<std::uint8_t> piece, std::span<const Place> places) {
    for (const Place place : places) {
        std::size_t byte = byte_of(place) - offset_;
        auto state = static_cast<std::uint32_t>(state_of(place));
        while (byte < piece.size()) {
            const LargeStep& step = large_steps[state];
            piece[byte] &= step.keep;
            byte += std::size_t{step.gap} * place.quotient + step.carry;
            state = step.next_state;
        }
        put(buckets_.data(), place.quotient, offset_ + byte, state);
    }
}

}  // namespace pinfold::kernels

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

inline void BucketSieve::put(Bucket& bucket, Place place) {
    if (bucket.next == bucket.full) {
        extend(bucket);
    }
    *bucket.next++ = place;
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
    block->previous = bucket.block;
    bucket = {block->places, block->places + Block::capacity, block};
}

void BucketSieve::sieve(std::span<std::uint8_t> piece) {
    const Bucket bucket = std::exchange(buckets_[current_ & (buckets_.size() - 1)], {});
    const Place* end = bucket.next;
    for (Block* block = bucket.block; block != nullptr;) {
        sieve_places(piece, {block->places, end});
        Block* const previous = block->previous;
        block->previous = free_;
        free_ = block;
        block = previous;
        end = block != nullptr ? block->places + Block::capacity : nullptr;
    }
    offset_ += piece.size();
    if (offset_ == std::size_t{1} << segment_log2_) {
        offset_ = 0;
        ++current_;
    }
}

void BucketSieve::sieve_places(std::span<std::uint8_t> piece, std::span<const Place> places) {
    // Copies, since for all the compiler knows a write to the piece may change the members.
    const unsigned segment_log2 = segment_log2_;
    const std::size_t in_segment = (std::size_t{1} << segment_log2) - 1;
    const std::size_t offset = offset_;
    const std::size_t current = current_;
    const std::size_t left = segments_ - current;
    const std::span<Bucket> buckets = buckets_;
    for (const Place place : places) {
        std::size_t byte = (place.state & byte_mask) - offset;
        std::size_t state = place.state >> byte_bits;
        while (byte < piece.size()) {
            const LargeStep step = large_steps[state];
            piece[byte] &= step.keep;
            byte += std::size_t{step.gap} * place.quotient + step.carry;
            state = step.next_state;
        }
        byte += offset;
        const std::size_t ahead = byte >> segment_log2;
        if (ahead < left) {
            put(buckets[(current + ahead) & (buckets.size() - 1)],
                {place.quotient,
                 static_cast<std::uint32_t>(state << byte_bits | (byte & in_segment))});
        }
    }
}

}  // namespace pinfold::kernels

// The bucket sieve of Oliveira e Silva (2001) on a wheel of 210, which skips the multiples of 7
// that the presieved pattern has crossed off already.
#include "bucket_sieve.hpp"

#include "large_steps.hpp"

namespace pinfold::kernels {
namespace {

constexpr unsigned byte_bits = 20;
constexpr std::uint32_t byte_mask = (std::uint32_t{1} << byte_bits) - 1;
constexpr std::size_t blocks_at_once = 64;

}  // namespace

BucketSieve::BucketSieve(std::size_t segments, unsigned segment_log2)
    : segment_log2_(segment_log2), buckets_(segments) {}

void BucketSieve::add(const LargeBatch& batch) {
    for (std::size_t i = 0; i < batch.size; ++i) {
        const std::uint32_t bit = batch.prime_bits[i];
        const std::uint32_t byte = batch.bytes[i];
        put(buckets_[byte >> segment_log2_],
            {bit / 8,
             batch.states[i] << byte_bits | (byte & ((std::uint32_t{1} << segment_log2_) - 1))});
    }
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

void BucketSieve::sieve(std::uint8_t* segment) {
    const Bucket bucket = buckets_[current_];
    const Place* end = bucket.next;
    for (Block* block = bucket.block; block != nullptr;) {
        sieve_places(segment, {block->places, end});
        Block* const previous = block->previous;
        block->previous = free_;
        free_ = block;
        block = previous;
        end = block != nullptr ? block->places + Block::capacity : nullptr;
    }
    ++current_;
}

void BucketSieve::sieve_places(std::uint8_t* segment, std::span<const Place> places) {
    // Copies, since for all the compiler knows a write to the segment may change the members.
    const unsigned segment_log2 = segment_log2_;
    const std::size_t segment_bytes = std::size_t{1} << segment_log2;
    const std::span<Bucket> later = std::span(buckets_).subspan(current_);
    for (const Place place : places) {
        std::size_t byte = place.state & byte_mask;
        std::size_t state = place.state >> byte_bits;
        do {
            const LargeStep step = large_steps[state];
            segment[byte] &= step.keep;
            byte += std::size_t{step.gap} * place.quotient + step.carry;
            state = step.next_state;
        } while (byte < segment_bytes);
        if (byte >> segment_log2 < later.size()) {
            put(later[byte >> segment_log2],
                {place.quotient,
                 static_cast<std::uint32_t>(state << byte_bits | (byte & (segment_bytes - 1)))});
        }
    }
}

}  // namespace pinfold::kernels

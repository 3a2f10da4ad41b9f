#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "large_primes.hpp"

namespace pinfold::kernels {

/// Crosses off the multiples of primes that skip most segments: the large sieving primes. Each
/// waits in the bucket of the segment that holds its next multiple, so a segment costs nothing for
/// the primes that skip it.
///
/// Run time: about 10 cycles a multiple. Memory: 8 bytes a prime that still has a multiple to come,
/// and 8 KiB a segment of the ring.
class BucketSieve {
  public:
    static constexpr std::size_t endless = ~std::size_t{0};

    /// For segments of 2^segment_log2 bytes, at most 2^20. The buckets are a ring of `ring` of
    /// them, a power of two, which no step to a next multiple may exceed. Primes without a multiple
    /// in the first `segments` segments are let go.
    BucketSieve(std::size_t ring, unsigned segment_log2, std::size_t segments);

    /// Takes primes with their first multiples, which must lie in the ring.
    void add(const LargeBatch& batch);

    /// Takes one prime, by its bit in a bitmap, with its first multiple: a byte counted from the
    /// next piece, and a state of large_steps.
    void add(std::uint32_t prime_bit, std::uint64_t byte, std::uint32_t state);

    /// Whether it was given no prime yet.
    [[nodiscard]] bool empty() const noexcept { return slabs_.empty(); }
    [[nodiscard]] std::size_t ring() const noexcept { return buckets_.size(); }

    /// How many bytes the next piece may have: what is left of the segment.
    [[nodiscard]] std::size_t room() const noexcept {
        return (std::size_t{1} << segment_log2_) - offset_;
    }

    /// Crosses off the multiples in the next piece.
    void sieve(std::span<std::uint8_t> piece);

  private:
    struct Place {
        std::uint32_t quotient;  ///< prime / 30
        std::uint32_t state;     ///< wheel state << 20 | byte in the segment
    };
    static constexpr std::size_t block_bytes = 8192;
    struct alignas(block_bytes) Block {
        static constexpr std::size_t capacity = block_bytes / sizeof(Place) - 1;
        Block* previous = nullptr;
        Place places[capacity];
    };
    /// A segment's places: a chain of blocks, full but for the last one. Its free place is all that
    /// is kept: at the border of a block when that is full, and null without any block.
    using Bucket = Place*;

    [[nodiscard]] static Block* block_of(Bucket bucket) noexcept;
    void put(Bucket& bucket, Place place);
    void extend(Bucket& bucket);
    template <typename Visit>
    void take(Bucket bucket, Visit visit);
    void sieve_to_border(std::span<std::uint8_t> piece, std::span<const Place> places);
    void sieve_within(std::span<std::uint8_t> piece, std::span<const Place> places);

    unsigned segment_log2_;
    std::size_t segments_;
    std::size_t current_ = 0;  ///< segment
    std::size_t offset_ = 0;   ///< of the next piece in it
    std::vector<Bucket> buckets_;
    Block* free_ = nullptr;
    std::vector<std::unique_ptr<Block[]>> slabs_;
};

}  // namespace pinfold::kernels

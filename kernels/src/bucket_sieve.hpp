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
/// and 8 KiB a segment.
class BucketSieve {
  public:
    /// For `segments` segments of 2^segment_log2 bytes each, at most 2^20.
    BucketSieve(std::size_t segments, unsigned segment_log2);

    /// Takes primes with their first multiples, all of which must lie in the segments.
    void add(const LargeBatch& batch);

    /// Whether it was given no prime yet.
    [[nodiscard]] bool empty() const noexcept { return slabs_.empty(); }

    /// Crosses off the multiples in the next segment, which must have all its bytes in memory.
    void sieve(std::uint8_t* segment);

  private:
    struct Place {
        std::uint32_t quotient;  ///< prime / 30
        std::uint32_t state;     ///< wheel state << 20 | byte in the segment
    };
    struct Block {
        static constexpr std::size_t capacity = 1023;
        Block* previous = nullptr;
        Place places[capacity];
    };
    /// A segment's places: a chain of blocks, full but for the last one.
    struct Bucket {
        Place* next = nullptr;  ///< the free place
        Place* full = nullptr;  ///< behind the last place of the block
        Block* block = nullptr;
    };

    void put(Bucket& bucket, Place place);
    void extend(Bucket& bucket);
    void sieve_places(std::uint8_t* segment, std::span<const Place> places);

    unsigned segment_log2_;
    std::size_t current_ = 0;
    std::vector<Bucket> buckets_;
    Block* free_ = nullptr;
    std::vector<std::unique_ptr<Block[]>> slabs_;
};

}  // namespace pinfold::kernels

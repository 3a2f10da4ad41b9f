#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "sieve/large/huge_pages.hpp"
#include "sieve/large/large_primes.hpp"

namespace pinfold::kernels {

/// Crosses off the multiples of primes that skip most segments: the large sieving primes. Each
/// waits in the bucket of the segment that holds its next multiple, so a segment costs nothing for
/// the primes that skip it.
///
/// Run time: about 10 cycles a multiple. Memory: 8 bytes a prime, and up to 8 KiB for each segment
/// that a multiple may lie ahead.
class BucketSieve {
  public:
    static constexpr unsigned segment_log2 = 20;
    static constexpr std::size_t segment_bytes = std::size_t{1} << segment_log2;

    /// Makes room for primes with multiples up to `bytes` behind the begin of the next piece, and
    /// with steps of up to `bytes`.
    void reserve(std::uint64_t bytes);

    /// Takes primes with their first multiples.
    void add(const LargeBatch& batch);

    /// Takes one prime, by its bit in a bitmap, with its first multiple: a byte counted from the
    /// next piece, and a state of large_steps.
    void add(std::uint32_t prime_bit, std::uint64_t byte, std::uint32_t state);

    /// Whether it was given no prime yet.
    [[nodiscard]] bool empty() const noexcept { return slabs_.empty(); }

    /// How many bytes the next piece may have: what is left of the segment.
    [[nodiscard]] std::size_t room() const noexcept { return segment_bytes - offset_; }

    /// Crosses off the multiples in the next piece.
    void sieve(std::span<std::uint8_t> piece);

  private:
    /// A prime and its next multiple. The byte is in the high bits of `next`, so that what leaves
    /// the segment is lost in a shift.
    struct Place {
        std::uint32_t quotient;  ///< prime / 30
        std::uint32_t next;      ///< byte in the segment << state_bits | state of large_steps
    };
    static constexpr unsigned state_bits = 32 - segment_log2;

    static constexpr std::size_t block_bytes = 8192;
    struct alignas(block_bytes) Block {
        static constexpr std::size_t capacity = block_bytes / sizeof(Place) - 1;
        Block* previous;
        Place places[capacity];
    };
    /// A segment's places: a chain of blocks, full but for the last one. Its free place is all that
    /// is kept: at the border of a block when that is full, and null without any block.
    using Bucket = Place*;

    [[nodiscard]] static Block* block_of(Bucket bucket) noexcept;
    [[nodiscard]] static std::size_t byte_of(Place place) noexcept;
    [[nodiscard]] static std::size_t state_of(Place place) noexcept;
    void put(Bucket* buckets, std::uint32_t quotient, std::uint64_t byte, std::uint32_t state);
    void extend(Bucket& bucket);
    template <typename Visit>
    void take(Bucket bucket, Visit visit);
    void sieve_segment(std::span<std::uint8_t> segment, std::span<const Place> places);
    void sieve_piece(std::span<std::uint8_t> piece, std::span<const Place> places);

    std::size_t offset_ = 0;       ///< of the next piece in the segment
    std::vector<Bucket> buckets_;  ///< of the segment, the next one and so on
    Block* free_ = nullptr;
    std::vector<HugePage> slabs_;
};

}  // namespace pinfold::kernels

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/kernels/uint128.hpp>
#include <span>
#include <tuple>

#include "sieve/cross_off.hpp"
#include "sieve/large/bucket_sieve.hpp"
#include "sieve/large/listed_multiples.hpp"
#include "sieve/sieve_functions.hpp"

namespace pinfold::kernels {

/// The segments of [begin, end) in ascending order, as wheel-30 bitmaps of the primes in it.
///
/// Covers at most max_span numbers, so that places fit 32 bits.
class SegmentSieve {
  public:
    static constexpr std::uint64_t max_span = std::uint64_t{30} << 31;

    /// Whether more ranges are to follow: then primes without a multiple in the first one count
    /// too.
    enum class Reach { range, beyond };

    /// Sets up each prime of `sieving_primes` up to sqrt(end - 1); with fewer sieving primes than
    /// that, some composites stay. Where `listed` holds the multiples of large primes in a
    /// super-range around [begin, end), these need no set-up. Requires begin < end <= 2^64.
    SegmentSieve(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes,
                 const ListedMultiples* listed = nullptr, Reach reach = Reach::range);

    /// Goes on with [begin, end) when that begins in the byte where the range so far has ended, and
    /// nothing stands against it. Else returns false and is as before.
    bool go_on(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes,
               const ListedMultiples* listed = nullptr);

    /// Whether it may go on at all, all segments having been taken. It keeps up to 40 MiB for that,
    /// and not with primes above 2^26 that are not listed, which would take ten times as much.
    [[nodiscard]] bool can_go_on() const noexcept {
        return reach_ == Reach::beyond && first_byte_ >= last_byte_;
    }

    /// A sieved segment: bit i of byte k stands for first_number + 30 k + residues[i]. Bits outside
    /// [begin, end) are clear. Its length is a multiple of vector_bytes; empty after the last one.
    struct Segment {
        std::uint64_t first_number = 0;
        std::span<std::uint8_t> bits;
    };

    /// Sieves the next segment, which is valid until the next call.
    Segment next();

  private:
    struct alignas(vector_bytes) Line {
        std::uint8_t bytes[vector_bytes];
    };

    [[nodiscard]] static bool may_go_on(std::uint64_t limit, const ListedMultiples* listed);
    void add(std::uint64_t prime);
    void add_to_list(std::uint64_t prime, std::uint64_t cofactor, std::uint32_t byte);
    void add_square(std::uint64_t prime);
    [[nodiscard]] std::uint64_t furthest_multiple() const noexcept;
    [[nodiscard]] Segment cut(std::uint64_t first_byte, std::size_t bytes) noexcept;
    template <typename To>
    void add_batches(std::span<const std::byte> sieving_primes, PrimeBytes part, To& to);

    const SieveFunctions& functions_;
    std::uint64_t begin_;
    uint128 end_;
    std::uint64_t first_byte_;  ///< of the next segment, counted from the number 0
    std::uint64_t last_byte_;   ///< behind the last segment
    std::uint64_t limit_;       ///< primes up to here are set up
    Reach reach_;
    CrossOff<any_number> small_;   ///< primes that have several multiples in a block
    CrossOff<any_number> medium_;  ///< primes that have some in a segment
    std::tuple<CrossOff<6>, CrossOff<5>, CrossOff<4>> sparse_;  ///< that have few
    BucketSieve large_;  ///< the others, but for those that are listed
    const ListedMultiples* listed_;
    std::size_t block_bytes_;
    std::unique_ptr<Line[]> memory_;  ///< a segment and a line, which no one reads
    std::span<std::uint8_t> bits_;
};

}  // namespace pinfold::kernels

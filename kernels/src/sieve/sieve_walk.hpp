#pragma once

#include <algorithm>
#include <optional>

#include "arithmetic/number_range.hpp"
#include "sieve/segment_sieve.hpp"

namespace pinfold::kernels {

/// Walks over ranges of any length segment by segment. A range that follows the last one goes on
/// from there where it can, which spares the set-up of the sieving primes.
class SieveWalk {
  public:
    explicit SieveWalk(SegmentSieve::Reach reach) noexcept : reach_(reach) {}

    /// Calls visit(segment) for each segment of [begin, end), upwards. The end is a multiple of 30:
    /// ranges then share no byte.
    template <typename Visit>
    void visit(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes,
               const ListedMultiples* listed, Visit&& visit) {
        for (uint128 at = begin; at < end;) {
            const uint128 part_end = std::min(end, at / 30 * 30 + longest_part(end));
            move_to(static_cast<std::uint64_t>(at), part_end, sieving_primes, listed);
            for (auto segment = sieve_->next(); !segment.bits.empty(); segment = sieve_->next()) {
                visit(segment);
            }
            at = part_end;
        }
        last_end_ = end;
        if (sieve_ && !sieve_->can_go_on()) {
            sieve_.reset();  // its memory is of no more use
        }
    }

  private:
    /// The longest range that is worked as one: near 2^64 one part has at most 45 million primes
    /// with a multiple in it, which wait in 360 MB; shorter parts would pay the set-up more often.
    static std::uint64_t longest_part(uint128 end) noexcept {
        constexpr uint128 few_primes_below = uint128{1} << 58;
        constexpr std::uint64_t part_of_many = std::uint64_t{30} << 25;
        return end <= few_primes_below ? SegmentSieve::max_span : part_of_many;
    }

    void move_to(std::uint64_t begin, uint128 end, std::span<const std::byte> sieving_primes,
                 const ListedMultiples* listed) {
        if (!sieve_ || !sieve_->go_on(begin, end, sieving_primes, listed)) {
            sieve_.emplace(begin, end, sieving_primes, listed, reach_for(begin, end));
        }
    }

    /// Most primes have no multiple in a narrow range, and are set up only when another one
    /// follows.
    [[nodiscard]] SegmentSieve::Reach reach_for(std::uint64_t begin, uint128 end) const noexcept {
        constexpr std::uint64_t narrow = std::uint64_t{30} << 18;
        const bool follows = begin / 30 == last_end_ / 30;
        return end - begin < narrow && !follows ? SegmentSieve::Reach::range : reach_;
    }

    SegmentSieve::Reach reach_;
    uint128 last_end_ = two_to_64;  ///< of the last range; nothing follows this one
    std::optional<SegmentSieve> sieve_;
};

}  // namespace pinfold::kernels

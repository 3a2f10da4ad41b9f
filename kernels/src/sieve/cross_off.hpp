#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "sieve/large/large_primes.hpp"
#include "wheel/wheel_turn.hpp"

namespace pinfold::kernels {

/// A vector that grows by a call: inline, as std::vector grows, it would be a third of the code of
/// the 256 functions that append to one.
class PlaceList {
  public:
    void push_back(Place place) {
        if (end_ == limit_) {
            grow();
        }
        *end_++ = place;
    }
    void clear() noexcept { end_ = memory_.get(); }
    [[nodiscard]] const Place* begin() const noexcept { return memory_.get(); }
    [[nodiscard]] const Place* end() const noexcept { return end_; }

  private:
    void grow();

    std::unique_ptr<Place[]> memory_;
    Place* end_ = nullptr;
    Place* limit_ = nullptr;
};

/// Crosses off the multiples of primes that have several in each block: the small and the medium
/// sieving primes. It remembers where each prime goes on, so blocks are given in ascending order.
/// No prime has more than `Most` multiples in a block, unless that is any_number.
///
/// Run time: about 1.3 cycles a multiple and 15 a prime and block. Memory: 8 bytes a prime.
template <std::size_t Most>
class CrossOff {
  public:
    /// Takes `prime` in (5, 2^32). Its next multiple to cross off is `cofactor` times it,
    /// `cofactor` being coprime to 30, which lies in byte `next` counted from the begin of the next
    /// block.
    void add(std::uint64_t prime, std::uint64_t cofactor, std::uint32_t next);

    /// The same for many primes. Their first multiples are those by cofactors coprime to 210, so
    /// some multiples of 7 are passed over.
    void add(const LargeBatch& batch);

    /// Crosses off every multiple of the primes in `block`, then moves on to the next block. The
    /// seven bytes behind the block may be written too.
    void sieve(std::span<std::uint8_t> block);

  private:
    /// A list for each residue of a prime and of its next cofactor, numbered 8 * prime + cofactor:
    /// all primes of a list cross off the same bits in the same order.
    static constexpr std::size_t lists = 64;

    template <std::size_t Prime, std::size_t Cofactor>
    void sieve_list(std::span<std::uint8_t> block);

    std::array<PlaceList, lists> now_;
    std::array<PlaceList, lists> later_;  ///< where the primes go that are done with the block
};

}  // namespace pinfold::kernels

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "combinatorial/leaves/leaf_functions.hpp"
#include "wheel/wheel_turn.hpp"

namespace pinfold::kernels {

/// Segments of a wheel-30 bitmap that are sieved prime by prime, so that between two primes the
/// numbers can be counted that no smaller prime divides. The primes to 17 are crossed off already.
///
/// A prime is crossed off with its own number, 1 is left. Primes join in ascending order; each must
/// be crossed off in every segment from the one that it joined at on, or never again.
class HardSieve {
  public:
    /// `bytes` is a multiple of 8; the largest prime is below 30 bytes.
    explicit HardSieve(std::size_t bytes);

    /// Begins segment number `segment`.
    void start(std::uint64_t segment) noexcept;

    /// The next prime joins with the present segment.
    void join(std::uint64_t prime);

    [[nodiscard]] std::size_t joined() const noexcept { return wheels_.size(); }

    /// Crosses off the multiples of prime number `index`, in the order of joining.
    void cross_off(std::size_t index) noexcept;

    /// The same, and says what f adds up to over those that no smaller prime divides. Takes about
    /// twice as long.
    template <PrimeTerm T>
    std::uint64_t cross_off_and_sum(std::size_t index, std::uint64_t prime) noexcept;

    [[nodiscard]] Sieved sieved() const noexcept { return {words_.data(), first_}; }
    [[nodiscard]] std::size_t words() const noexcept { return bytes_ / sizeof(std::uint64_t); }

  private:
    /// Keeps where a prime goes on in the next segment.
    void move_on(std::size_t index, WalkEnd end) noexcept;

    std::size_t bytes_;
    std::uint64_t first_ = 0;           ///< the first number of the segment
    std::vector<std::uint64_t> words_;  ///< and one that no one reads
    std::vector<Place> places_;         ///< of each prime
    std::vector<std::uint8_t> wheels_;  ///< 8 * residue of the prime + residue of the cofactor
};

}  // namespace pinfold::kernels

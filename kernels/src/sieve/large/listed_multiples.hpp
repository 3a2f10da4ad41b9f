#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <pinfold/kernels/super_ranges.hpp>
#include <span>
#include <vector>

namespace pinfold::kernels {

/// The bytes [first, last) of the bitmap of sieving primes.
struct PrimeBytes {
    std::size_t first = 0;
    std::size_t last = 0;
};

/// The lists of one super-range in memory: first how many multiples each has, slice by slice and
/// segment by segment, then the lists in the same order.
///
/// A multiple is its bit in the segment: 8 times the byte plus the bit. A count above the capacity
/// marks a list that is not complete.
class ListedMultiples {
  public:
    static constexpr unsigned segment_log2 = 20;
    static constexpr std::size_t segment_bytes = std::size_t{1} << segment_log2;

    /// The lists of super-range `number` of `plan` in `memory`, plan.bytes long.
    ListedMultiples(const SuperRanges& plan, std::uint64_t number,
                    std::span<const std::byte> memory) noexcept;

    /// The slices whose multiples are not all listed, which hardly ever happens.
    [[nodiscard]] std::vector<PrimeBytes> unlisted() const;

    /// Clears the bits that are listed for the bytes from `first_byte` on, counted from the number
    /// 0, which must lie in the super-range. Passes over slices that are not complete.
    void cross_off(std::uint64_t first_byte, std::span<std::uint8_t> bits) const noexcept;

  private:
    [[nodiscard]] std::span<const std::uint32_t> list(std::size_t slice,
                                                      std::size_t segment) const noexcept;

    const SuperRanges* plan_;
    std::uint64_t first_byte_;  ///< of the super-range
    const std::uint32_t* counts_;
    std::array<const std::uint32_t*, SuperRanges::max_slices> lists_{};
    std::array<bool, SuperRanges::max_slices> complete_{};
};

/// The lists in `memory` of the super-range that holds the chunk [begin, end), which is not empty.
/// Throws std::invalid_argument when none does or the memory is too short.
[[nodiscard]] ListedMultiples listed_multiples_of(std::uint64_t begin, uint128 end,
                                                  const SuperRanges& plan,
                                                  std::span<const std::byte> memory);

/// The numbers of a super-range.
struct SuperRange {
    std::uint64_t begin = 0;
    uint128 end = 0;
};
[[nodiscard]] SuperRange super_range(const SuperRanges& plan, std::uint64_t number) noexcept;

}  // namespace pinfold::kernels

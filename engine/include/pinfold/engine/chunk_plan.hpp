#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/range.hpp>

namespace pinfold {

/// The largest number of chunks that one plan may have: 2^22.
inline constexpr std::uint64_t max_chunks = std::uint64_t{1} << 22;

/// The smallest grain that cuts `range` into no more than max_chunks chunks; at least 1. A pure
/// function. Throws std::invalid_argument for a reversed range or an end above 2^64.
[[nodiscard]] PINFOLD_API std::uint64_t smallest_grain(Range range);

/// How a range is cut: chunks of `grain` integers from the begin upwards. The last one may be
/// shorter.
///
/// A plan is a pure function of the range and the grain. So a job has the same borders on every
/// crew and every machine, with any number of workers.
///
///     const pinfold::ChunkPlan plan(pinfold::Range{0, 25}, 10);
///     assert(plan.size() == 3 && plan[2].begin == 20 && plan[2].end == 25);
class PINFOLD_API ChunkPlan {
  public:
    /// Cuts `range` into chunks of exactly `grain` integers; grain 0 takes
    /// default_grain(range).
    /// Throws std::invalid_argument for a reversed range, an end above 2^64, or a grain that gives
    /// more than max_chunks chunks; the message names the smallest grain that fits.
    explicit ChunkPlan(Range range, std::uint64_t grain = 0);

    [[nodiscard]] Range range() const noexcept { return range_; }
    [[nodiscard]] std::uint64_t grain() const noexcept { return grain_; }

    /// The number of chunks, 0 for an empty range.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

    /// Chunk number `index`, which must be below size(). Constant time.
    [[nodiscard]] Chunk operator[](std::uint64_t index) const noexcept {
        const std::uint64_t begin = range_.begin + index * grain_;
        const uint128 left = range_.end - begin;
        return {begin, left < grain_ ? static_cast<std::uint64_t>(left) : grain_, index};
    }

    friend bool operator==(const ChunkPlan&, const ChunkPlan&) noexcept = default;

  private:
    Range range_;
    std::uint64_t grain_;
    std::uint64_t size_;
};

/// The grain of a job that names none: about 4096 chunks, at least one integer each. Where results
/// have more than 256 bytes, it is as many chunks as have 1 MiB of results together, but not fewer
/// than about 256. A pure function, which no release changes without saying so: the last bits of
/// sums of floating-point numbers depend on it, and journals know their grain.
///
///     assert(pinfold::default_grain(pinfold::Range{0, 4096 * 100}) == 100);
///     assert(pinfold::default_grain(pinfold::Range{0, 4096 * 100}, 1024) == 400);
///
/// Throws std::invalid_argument for a reversed range or an end above 2^64.
[[nodiscard]] PINFOLD_API std::uint64_t default_grain(Range range, std::size_t result_bytes = 0);

/// The same for a job over an array, whose chunks have at least a 4 KiB page each.
[[nodiscard]] PINFOLD_API std::uint64_t default_grain(std::size_t elements,
                                                      std::size_t element_bytes,
                                                      std::size_t result_bytes = 0);

}  // namespace pinfold

#pragma once

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/uint128.hpp>

namespace pinfold {

/// A half-open range [begin, end) of unsigned 64-bit integers.
///
/// The end has 128 bits, so a range may end at 2^64 and thus hold every 64-bit integer. Every
/// function that takes a range refuses an end below the begin or above 2^64, by
/// std::invalid_argument.
struct Range {
    std::uint64_t begin = 0;
    uint128 end = 0;

    /// The number of integers in the range, at most 2^64.
    [[nodiscard]] constexpr uint128 size() const noexcept { return end - begin; }
    [[nodiscard]] constexpr bool empty() const noexcept { return end == begin; }

    friend constexpr bool operator==(const Range&, const Range&) noexcept = default;
};

/// One piece of a job's range: what a map is called with.
///
/// The borders depend on the range and the grain alone, never on the crew or the workers. `index`
/// counts the chunks of the range upwards from 0. chunk_seed() makes a seed for random numbers of
/// it.
struct Chunk : Range {
    std::uint64_t index = 0;

    friend constexpr bool operator==(const Chunk&, const Chunk&) noexcept = default;
};

}  // namespace pinfold

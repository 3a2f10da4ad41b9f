#pragma once

#include <cstdint>

namespace pinfold::detail {

/// Chunks [first, last) in a row, which a worker means to try one after the other. They are counted
/// from the beginning of their run, or by the places of their states.
struct Batch {
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    [[nodiscard]] constexpr bool empty() const noexcept { return first == last; }
};

inline constexpr std::uint64_t max_batch = 1024;  // chunks; what a burial has to return at most

// A batch in one word, so that whoever reads it sees one that somebody meant: the first place, from
// the highest bit, then the length. 0 is no batch.
inline constexpr int batch_length_bits = 11;
static_assert(max_batch < std::uint64_t{1} << batch_length_bits);

constexpr std::uint64_t pack_batch(Batch places) noexcept {
    return places.first << batch_length_bits | (places.last - places.first);
}

constexpr Batch unpack_batch(std::uint64_t word) noexcept {
    const std::uint64_t first = word >> batch_length_bits;
    return {first, first + (word & ((std::uint64_t{1} << batch_length_bits) - 1))};
}

}  // namespace pinfold::detail

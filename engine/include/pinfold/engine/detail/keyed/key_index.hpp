#pragma once

// Which row of a table a key has. Not for users.
//
// Open addressing with linear probing, in words of a hash's low half and the row's number + 1; 0 is
// free. A table of a reduction keeps the index with its rows, so that it need not be made again.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <span>

namespace pinfold::detail {

using IndexSlot = std::uint64_t;

inline constexpr std::size_t most_rows = ~std::uint32_t{0} - 1;
inline constexpr std::size_t least_slots = 64;

/// At most five of eight slots are taken.
[[nodiscard]] constexpr std::size_t rows_for(std::size_t slots) noexcept {
    return slots / 8 * 5;
}

/// Probing past so many slots is so unlikely for keys that nobody chose, that a table that does it
/// takes the seed of its job.
inline constexpr std::size_t longest_probe = 160;

[[nodiscard]] inline std::uint32_t tag_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint32_t>(hash);
}

/// Where a key is, or where there is room for it.
struct IndexPlace {
    std::size_t slot;
    std::size_t row;  // no_row of a key that is not there

    static constexpr std::size_t no_row = ~std::size_t{0};
};

/// Looks in slots for a row of which `is_it(row)` is true.
template <typename IsIt>
[[nodiscard]] IndexPlace find_slot(const IndexSlot* slots, std::size_t mask, std::uint32_t tag,
                                   const IsIt& is_it) {
    for (std::size_t at = tag & mask;; at = (at + 1) & mask) {
        const IndexSlot slot = slots[at];
        if (slot == 0) {
            return {at, IndexPlace::no_row};
        }
        if (slot >> 32U == tag) {
            const auto row = static_cast<std::uint32_t>(slot) - std::size_t{1};
            if (is_it(row)) {
                return {at, row};
            }
        }
    }
}

/// Puts one there that is not in it.
inline void put_slot(IndexSlot* slots, std::size_t mask, std::uint32_t tag,
                     IndexSlot row_and_one) noexcept {
    std::size_t at = tag & mask;
    while (slots[at] != 0) {
        at = (at + 1) & mask;
    }
    slots[at] = IndexSlot{tag} << 32U | row_and_one;
}

}  // namespace pinfold::detail

#pragma once

#include <cstdint>

namespace pinfold::detail {

/// A part of a whole, in steps of the whole's `all` equal ones: those before it, and its own.
/// Chunks are dealt by it, and pages are placed by it: so a node's chunks lie in the node's pages.
struct Share {
    std::uint32_t before = 0;
    std::uint32_t own = 1;
    std::uint32_t all = 1;

    /// Where it begins and ends among `count` things; `count` is below 2^54.
    [[nodiscard]] constexpr std::uint64_t first_of(std::uint64_t count) const noexcept {
        return count * before / all;
    }
    [[nodiscard]] constexpr std::uint64_t last_of(std::uint64_t count) const noexcept {
        return count * (before + own) / all;
    }

    friend bool operator==(const Share&, const Share&) = default;
};

}  // namespace pinfold::detail

#pragma once

#include <array>
#include <cstdint>

#include "nodes/share.hpp"

namespace pinfold::detail {

inline constexpr int max_cursors = 8;  // that hand out the chunks of a run

/// The cursors of a pool's nodes, each with its share of every run's chunks. Nobody changes them
/// after the pool's birth, so each worker process has a copy at the same address.
struct NodeCursors {
    std::uint32_t count = 1;
    std::array<Share, max_cursors> shares{};

    /// By own cursor: the order in which its workers take from all of them. Its own is the first,
    /// then the nearest one, and so on.
    std::array<std::array<std::uint8_t, max_cursors>, max_cursors> order{};

    friend bool operator==(const NodeCursors&, const NodeCursors&) = default;
};

inline constexpr NodeCursors cursors_of_one_node{};

}  // namespace pinfold::detail

#pragma once

// Ways through the rows of parts. Not for users.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <span>

namespace pinfold::detail {

/// Calls `add(row, hash)` for each row, when what it looks at in the table has been fetched.
template <typename Keys, typename Row, typename Table, typename Add>
void add_rows(const Table& table, std::span<const Row> rows, const Add& add) {
    constexpr std::size_t at_once = 16;
    std::array<std::uint64_t, at_once> hashes;
    for (std::size_t first = 0; first < rows.size(); first += at_once) {
        const std::size_t count = std::min(at_once, rows.size() - first);
        for (std::size_t i = 0; i < count; ++i) {
            hashes[i] = Keys::hash(rows[first + i].key, fixed_seed);
            table.prefetch(hashes[i]);
        }
        for (std::size_t i = 0; i < count; ++i) {
            table.prefetch_row(hashes[i]);
        }
        for (std::size_t i = 0; i < count; ++i) {
            add(rows[first + i], hashes[i]);
        }
    }
}

/// Whether two chunks' parts have the same rows, as a rehearsal asks.
template <typename Row, typename AreSame>
[[nodiscard]] bool are_same_rows(const ResultSlot& a, const ResultSlot& b,
                                 const AreSame& are_same) {
    if (a.bytes == 0 || b.bytes == 0) {
        return a.bytes == b.bytes;
    }
    const auto& one = *reinterpret_cast<const PartHead*>(a.block);
    const auto& other = *reinterpret_cast<const PartHead*>(b.block);
    if (one.first != other.first) {
        return false;
    }
    for (std::size_t p = 0; p < partitions; ++p) {
        const std::span<const Row> rows = one.rows<Row>(p);
        if (!std::equal(rows.begin(), rows.end(), other.rows<Row>(p).begin(), are_same)) {
            return false;
        }
    }
    return true;
}

}  // namespace pinfold::detail

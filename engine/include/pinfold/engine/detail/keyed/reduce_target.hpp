#pragma once

// What becomes of values that are combined. Not for users.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/engine/detail/keyed/combining_table.hpp>
#include <pinfold/engine/detail/keyed/emitter.hpp>
#include <pinfold/engine/detail/keyed/key_kinds.hpp>
#include <pinfold/engine/detail/keyed/rounds.hpp>
#include <pinfold/engine/detail/keyed/value_kinds.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <span>

namespace pinfold::detail {

/// Calls `add(row, hash)` for each row, whose place in the table was fetched before.
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

template <typename K, typename V, typename C>
struct ReduceTarget {
    using Key = K;
    using Value = V;
    using Combine = C;
    using Keys = typename KeysOf<Key>::Type;
    using Values = ValuesOf<Value>;
    using Table = CombiningTable<Keys, Values>;
    using Row = typename Table::Row;
    using Emit = Emitter<ReduceTarget>;
    static constexpr std::size_t row_bytes = sizeof(Row);

    HashSeed seed;
    [[no_unique_address]] Combine combine;

    template <typename Given, typename Keep>
    void add(Table& table, const typename Keys::Stored& key, std::uint64_t fixed_hash,
             Given&& value, const Keep& keep) const {
        table.add(key, fixed_hash, std::forward<Given>(value), combine, keep);
    }

    static bool are_same_parts(const ResultSlot& a, const ResultSlot& b) {
        return are_same_rows<Row>(a, b, [](const Row& one, const Row& other) {
            return Keys::are_same(one.key, other.key) && Values::are_same(one.value, other.value);
        });
    }

    /// A worker's merges.
    class Merging {
      public:
        explicit Merging(const ReduceTarget& target) : target_(target), table_(target.seed) {}

        /// Whether there is anything to do.
        bool merge(const TableHead* old, std::span<const PartHead* const> parts,
                   std::size_t partition) {
            if (std::ranges::all_of(parts, [partition](const PartHead* part) {
                    return part->first[partition] == part->first[partition + 1];
                })) {
                return false;
            }
            table_.begin_merge(old);
            for (const PartHead* const part : parts) {
                add_rows<Keys>(table_, part->rows<Row>(partition),
                               [this](const Row& row, std::uint64_t hash) {
                                   table_.add(row.key, hash, row.value, target_.combine,
                                              [](const auto& key) { return key; });
                               });
            }
            return true;
        }
        void write(ResultSlot& slot, ResultBlocks& blocks) { table_.write_table(slot, blocks); }

      private:
        const ReduceTarget& target_;
        Table table_;
    };
};

}  // namespace pinfold::detail

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
#include <pinfold/engine/detail/keyed/part_rows.hpp>
#include <pinfold/engine/detail/keyed/value_kinds.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <span>

namespace pinfold::detail {

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
        if (table.is_combining()) {
            table.add(key, fixed_hash, std::forward<Given>(value), combine, keep);
        } else {
            table.deal(keep(key), fixed_hash, std::forward<Given>(value));
        }
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
            if (!have_rows(parts, partition)) {
                return false;
            }
            table_.begin_merge(old);
            for (const PartHead* const part : parts) {
                add_rows<Keys>(table_, part->rows<Row>(partition),
                               [this](const Row& row, std::uint64_t hash) {
                                   table_.add(row.key, hash, row.value, target_.combine,
                                              [](const auto& key) { return key; });
                               });
                reached_in_row(RowStep::merged);
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

#pragma once

// What becomes of values that are grouped. Not for users.
//
//     part, of a chunk:       PartHead  | rows | values, row by row | what lies outside of them
//     table, of a partition:  TableHead | index | rows | values | what lies outside
//
// A row says where its values are. In a worker's own memory there are the values as they came, and
// beside each the number of its row.

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
#include <utility>

namespace pinfold::detail {

/// How many there are, while nobody knows where they will be.
struct AddCounts {
    template <typename Span>
    Span operator()(const Span& a, const Span& b) const noexcept {
        return {nullptr, a.count + b.count};
    }
};

/// Puts values behind rows of a block, which say how many each will have.
template <typename Values, typename Row>
class GroupFiller {
  public:
    using Stored = typename Values::Stored;

    GroupFiller(std::span<Row> rows, Stored* values) noexcept : rows_(rows), first_(values) {
        for (Row& row : rows) {
            const std::uint64_t count = std::exchange(row.value, {values, 0}).count;
            values += count;
        }
    }
    void append(std::size_t row, std::span<const Stored> values) noexcept {
        GroupSpan<Stored>& group = rows_[row].value;
        if (!values.empty()) {
            std::memcpy(static_cast<void*>(group.first + group.count), values.data(),
                        values.size_bytes());
        }
        group.count += values.size();
    }
    /// Behind the last one.
    void move_outside(std::size_t count, std::byte* to) const {
        if constexpr (Values::may_lie_outside) {
            for (std::size_t i = 0; i < count; ++i) {
                to += Values::write(first_[i], to);
            }
        }
    }

  private:
    std::span<Row> rows_;
    Stored* first_;
};

template <typename Values>
[[nodiscard]] std::size_t outside_bytes_of(std::span<const typename Values::Stored> values) {
    std::size_t bytes = 0;
    if constexpr (Values::may_lie_outside) {
        for (const auto& value : values) {
            bytes += Values::outside_bytes(value);
        }
    }
    return bytes;
}

template <typename Keys, typename Row>
[[nodiscard]] std::size_t outside_bytes_of_keys(std::span<const Row> rows) noexcept {
    std::size_t bytes = 0;
    if constexpr (Keys::may_lie_outside) {
        for (const Row& row : rows) {
            bytes += Keys::outside(row.key).size();
        }
    }
    return bytes;
}

[[nodiscard]] constexpr std::size_t aligned_to_16(std::size_t bytes) noexcept {
    return (bytes + 15) / 16 * 16;
}

/// The table in which a worker groups what it emits.
template <typename Keys, typename Values>
class GroupTable {
  public:
    using Stored = typename Values::Stored;
    using Rows = CombiningTable<Keys, PlainValues<GroupSpan<Stored>>>;
    using Row = typename Rows::Row;

    explicit GroupTable(const HashSeed& seed) : rows_(seed) {}

    [[nodiscard]] KeyedMemory& memory() const noexcept { return rows_.memory(); }
    [[nodiscard]] bool is_combining() const noexcept { return rows_.is_combining(); }
    void prefetch(std::uint64_t fixed_hash) const noexcept { rows_.prefetch(fixed_hash); }
    void prefetch_row(std::uint64_t fixed_hash) const noexcept { rows_.prefetch_row(fixed_hash); }

    void begin_chunk() {
        rows_.begin_chunk();
        values_.clear();
        size_ = 0;
    }

    template <typename Value, typename Keep>
    void add(const typename Keys::Stored& key, std::uint64_t fixed_hash, Value&& value,
             const Keep& keep) {
        const std::size_t row =
            rows_.add(key, fixed_hash, GroupSpan<Stored>{nullptr, 1}, AddCounts{}, keep);
        memory().members.append(size_, static_cast<std::uint32_t>(row));
        memory().values.append(size_, values_.made(std::forward<Value>(value)));
        ++size_;
    }

    void write_part(ResultSlot& slot, ResultBlocks& blocks) {
        const std::span<const Row> rows = rows_.rows();
        if (rows.empty()) {
            slot.bytes = 0;
            return;
        }
        const std::span<const Stored> values(memory().values.template as<Stored>(), size_);
        const std::size_t values_at = aligned_to_16(sizeof(PartHead) + rows.size_bytes());
        const std::size_t outside_at = values_at + values.size_bytes();
        std::byte* const block = take_keyed_block(
            slot, blocks,
            outside_at + outside_bytes_of_keys<Keys>(rows) + outside_bytes_of<Values>(values));
        auto* const head = new (block) PartHead(rows_.part_head());
        const std::span<Row> placed(reinterpret_cast<Row*>(head + 1), rows.size());
        std::byte* const outside = place_rows(rows, *head, placed, block + outside_at);
        GroupFiller<Values, Row> filler(placed, reinterpret_cast<Stored*>(block + values_at));
        const auto* const places = memory().places.template as<std::uint32_t>();
        const auto* const members = memory().members.template as<std::uint32_t>();
        for (std::size_t i = 0; i < size_; ++i) {
            filler.append(places[members[i]], values.subspan(i, 1));
        }
        filler.move_outside(size_, outside);
    }

  private:
    /// Puts rows where they are to be, and notes where.
    std::byte* place_rows(std::span<const Row> rows, const PartHead& head, std::span<Row> placed,
                          std::byte* outside) {
        std::array<std::uint32_t, partitions + 1> next = head.first;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const std::uint32_t place = next[partition_of(Keys::hash(rows[i].key, fixed_seed))]++;
            memory().places.append(i, place);
            std::memcpy(static_cast<void*>(&placed[place]), &rows[i], sizeof(Row));
            outside = move_key_outside<Keys>(placed[place].key, outside);
        }
        return outside;
    }

    Rows rows_;
    [[no_unique_address]] Values values_;
    std::size_t size_ = 0;  // values
};

template <typename K, typename V>
struct GroupTarget {
    using Key = K;
    using Value = V;
    using Keys = typename KeysOf<Key>::Type;
    using Values = ValuesOf<Value>;
    using Table = GroupTable<Keys, Values>;
    using Stored = typename Table::Stored;
    using Row = typename Table::Row;
    using Emit = Emitter<GroupTarget>;
    static constexpr std::size_t row_bytes = sizeof(Row) + sizeof(Stored);

    HashSeed seed;

    template <typename Given, typename Keep>
    void add(Table& table, const typename Keys::Stored& key, std::uint64_t fixed_hash,
             Given&& value, const Keep& keep) const {
        table.add(key, fixed_hash, std::forward<Given>(value), keep);
    }

    static bool are_same_parts(const ResultSlot& a, const ResultSlot& b) {
        return are_same_rows<Row>(a, b, [](const Row& one, const Row& other) {
            const std::span<const Stored> values = one.value.values();
            const std::span<const Stored> others = other.value.values();
            return Keys::are_same(one.key, other.key) &&
                   std::equal(values.begin(), values.end(), others.begin(), others.end(),
                              Values::are_same);
        });
    }

    /// A worker's merges.
    class Merging {
      public:
        explicit Merging(const GroupTarget& target) : rows_(target.seed) {}

        /// Whether there is anything to do.
        bool merge(const TableHead* old, std::span<const PartHead* const> parts,
                   std::size_t partition) {
            if (!have_rows(parts, partition)) {
                return false;
            }
            old_ = old == nullptr ? std::span<const Row>{} : old->rows_as<Row>();
            parts_ = parts;
            partition_ = partition;
            rows_.begin_merge(old);
            std::size_t count = 0;
            for (const PartHead* const part : parts) {
                add_rows<Keys>(
                    rows_, part->rows<Row>(partition), [&](const Row& row, std::uint64_t hash) {
                        const std::size_t at = rows_.add(row.key, hash, row.value, AddCounts{},
                                                         [](const auto& key) { return key; });
                        rows_.memory().members.append(count++, static_cast<std::uint32_t>(at));
                    });
                reached_in_row(RowStep::merged);
            }
            return true;
        }

        void write(ResultSlot& slot, ResultBlocks& blocks) {
            const std::span<const Row> rows = rows_.rows();
            const std::span<const IndexSlot> index = rows_.index();
            std::size_t values = 0;
            std::size_t outside = outside_bytes_of_keys<Keys>(rows);
            for_each_group([&](std::size_t, std::span<const Stored> group) {
                values += group.size();
                outside += outside_bytes_of<Values>(group);
            });
            const std::size_t rows_at = sizeof(TableHead) + index.size_bytes();
            const std::size_t values_at = aligned_to_16(rows_at + rows.size_bytes());
            const std::size_t outside_at = values_at + values * sizeof(Stored);
            std::byte* const block = take_keyed_block(slot, blocks, outside_at + outside);
            new (block) TableHead{rows.size(), index.size(), rows_.seed()};
            std::memcpy(block + sizeof(TableHead), index.data(), index.size_bytes());
            std::memcpy(block + rows_at, rows.data(), rows.size_bytes());
            const std::span<Row> placed(reinterpret_cast<Row*>(block + rows_at), rows.size());
            std::byte* to = block + outside_at;
            for (Row& row : placed) {
                to = move_key_outside<Keys>(row.key, to);
            }
            GroupFiller<Values, Row> filler(placed, reinterpret_cast<Stored*>(block + values_at));
            for_each_group(
                [&](std::size_t row, std::span<const Stored> group) { filler.append(row, group); });
            filler.move_outside(values, to);
        }

      private:
        /// Calls `use(row, values)`, in order of emission for each row.
        template <typename Use>
        void for_each_group(const Use& use) const {
            for (std::size_t row = 0; row < old_.size(); ++row) {
                use(row, old_[row].value.values());
            }
            const auto* member = rows_.memory().members.template as<std::uint32_t>();
            for (const PartHead* const part : parts_) {
                for (const Row& row : part->rows<Row>(partition_)) {
                    use(*member++, row.value.values());
                }
            }
        }

        typename Table::Rows rows_;
        std::span<const Row> old_;
        std::span<const PartHead* const> parts_;
        std::size_t partition_ = 0;
    };
};

}  // namespace pinfold::detail

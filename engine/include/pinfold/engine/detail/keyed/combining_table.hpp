#pragma once

// The table in which a worker combines what it emits, or what it merges. Not for users.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/engine/detail/keyed/dealt_rows.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/engine/detail/keyed/key_index.hpp>
#include <pinfold/engine/detail/keyed/key_kinds.hpp>
#include <pinfold/engine/detail/keyed/keyed_memory.hpp>
#include <pinfold/engine/detail/keyed/value_kinds.hpp>
#include <pinfold/engine/detail/result_slot.hpp>
#include <pinfold/engine/detail/row_step.hpp>
#include <span>
#include <string_view>
#include <utility>

namespace pinfold::detail {

/// Takes a block for a result.
[[nodiscard]] inline std::byte* take_keyed_block(ResultSlot& slot, ResultBlocks& blocks,
                                                 std::size_t bytes) {
    std::byte* const block = blocks.take(bytes);
    reached_in_row(RowStep::block_taken);
    slot.block = block;
    slot.bytes = bytes;
    return block;
}

/// Copies what lies outside of a row for its key, and returns where more may be put.
template <typename Keys>
[[nodiscard]] std::byte* move_key_outside(typename Keys::Stored& key, std::byte* to) noexcept {
    if constexpr (Keys::may_lie_outside) {
        const std::string_view outside = Keys::outside(key);
        if (!outside.empty()) {
            std::memcpy(to, outside.data(), outside.size());
            Keys::move(key, reinterpret_cast<const char*>(to));
            to += outside.size();
        }
    }
    return to;
}

/// Throws std::length_error.
[[noreturn]] PINFOLD_API void refuse_more_rows();

/// Rows in the order in which their keys first came, and an index of them, in memory of the
/// worker's own. Whether a chunk's keys are combined, and how, depends on what was emitted alone.
template <typename Keys, typename Values>
class CombiningTable {
  public:
    using Row = KeyedRow<typename Keys::Stored, typename Values::Stored>;
    static_assert(std::is_trivially_copyable_v<Row>);
    static_assert(alignof(Row) <= 16, "pinfold: a value is aligned to at most 16 bytes");
    static constexpr bool has_outside = Keys::may_lie_outside || Values::may_lie_outside;

    /// Where too many keys collide, the index goes on with `seed`.
    explicit CombiningTable(const HashSeed& seed) : job_seed_(seed) {}
    CombiningTable(const CombiningTable&) = delete;
    CombiningTable& operator=(const CombiningTable&) = delete;

    [[nodiscard]] std::span<Row> rows() const noexcept { return {rows_, size_}; }
    [[nodiscard]] std::span<const IndexSlot> index() const noexcept { return {slots_, mask_ + 1}; }
    [[nodiscard]] const HashSeed& seed() const noexcept { return seed_; }

    /// Where the rows of each partition begin in a part, and where they end.
    [[nodiscard]] PartHead part_head() const {
        PartHead head{};
        std::size_t rows = 0;
        for (std::size_t p = 0; p < partitions; ++p) {
            rows += counts_[p] + dealt_.of(p).size();
            head.first[p + 1] = static_cast<std::uint32_t>(rows);
        }
        if (rows > most_rows) {
            refuse_more_rows();
        }
        return head;
    }

    /// Makes it empty, for a chunk.
    void begin_chunk() {
        begin();
        dealt_.clear();
        next_look_ = first_look;
        take_slots(std::max(memory_->chunk_slots, least_chunk_slots));
        clear_slots();
    }

    /// Makes it what a partition's table has, for a merge.
    void begin_merge(const TableHead* table) {
        begin();
        next_look_ = ~std::size_t{0};
        if (table == nullptr) {
            take_slots(least_slots);
            clear_slots();
            return;
        }
        size_ = static_cast<std::size_t>(table->rows);
        reserve_rows(size_);
        std::memcpy(rows_, table->template rows_as<Row>().data(), size_ * sizeof(Row));
        take_slots(static_cast<std::size_t>(table->slots));
        std::memcpy(slots_, table->index(), (mask_ + 1) * sizeof(IndexSlot));
        seed_ = table->seed;
        is_seeded_ = !is_fixed(seed_);
    }

    /// Combines the value with what its key has, and returns the key's row. `keep(key)` gives the
    /// key as it is to lie in a new row, where what it points to lasts.
    template <typename Value, typename Combine, typename Keep>
    std::size_t add(const typename Keys::Stored& key, std::uint64_t fixed_hash, Value&& value,
                    const Combine& combine, const Keep& keep) {
        if (!is_combining_) {
            return append(keep(key), fixed_hash, std::forward<Value>(value));
        }
        const std::uint32_t tag = tag_for(key, fixed_hash);
        const IndexPlace place = find_slot(slots_, mask_, tag, [&](std::size_t row) {
            return Keys::are_same(rows_[row].key, key);
        });
        if (place.row != IndexPlace::no_row) {
            ++combined_;
            values_.combine(rows_[place.row].value, std::forward<Value>(value), combine);
            return place.row;
        }
        const std::size_t row = append(keep(key), fixed_hash, std::forward<Value>(value));
        slots_[place.slot] = IndexSlot{tag} << 32U | size_;
        look_at_index(tag, place.slot);
        return row;
    }

    /// Gives the value a row of its own, behind those of the table: where it is not combining. The
    /// key's characters last.
    template <typename Value>
    void deal(const typename Keys::Stored& key, std::uint64_t fixed_hash, Value&& value) {
        dealt_.add(partition_of(fixed_hash), key, values_.made(std::forward<Value>(value)));
    }

    /// Has the slot of a key fetched that is soon to be added.
    void prefetch(std::uint64_t fixed_hash) const noexcept {
        __builtin_prefetch(slots_ + (tag_of(fixed_hash) & mask_), 1);
    }

    /// The same of the row, or of one that has its place.
    void prefetch_row(std::uint64_t fixed_hash) const noexcept {
        const auto row = static_cast<std::uint32_t>(slots_[tag_of(fixed_hash) & mask_]);
        __builtin_prefetch(rows_ + row, 1);
    }

    /// Whether a key is looked for, or gets another row.
    [[nodiscard]] bool is_combining() const noexcept { return is_combining_; }

    /// Memory beside the rows and the index, for who uses the table.
    [[nodiscard]] KeyedMemory& memory() const noexcept { return *memory_; }

    /// Writes a chunk's part, or nothing of an empty one.
    void write_part(ResultSlot& slot, ResultBlocks& blocks);

    /// Writes a partition's table.
    void write_table(ResultSlot& slot, ResultBlocks& blocks);

  private:
    // A chunk that finds fewer than one of nine keys again, when it has had so many different ones
    // or twice, four times as many, has no use for an index: 256 Ki random keys of 10^6 then take
    // half the time (keyed_bench).
    static constexpr std::size_t first_look = 4096;
    static constexpr std::size_t least_chunk_slots = 8192;

    void begin() {
        size_ = 0;
        combined_ = 0;
        is_combining_ = true;
        is_seeded_ = false;
        seed_ = fixed_seed;
        counts_.fill(0);
        values_.clear();
        memory_->copies.clear();
        reserve_rows(least_slots);
    }

    [[nodiscard]] std::uint32_t tag_for(const typename Keys::Stored& key,
                                        std::uint64_t fixed_hash) const noexcept {
        return tag_of(is_seeded_ ? Keys::hash(key, seed_) : fixed_hash);
    }

    template <typename Value>
    std::size_t append(const typename Keys::Stored& key, std::uint64_t fixed_hash, Value&& value) {
        if (size_ == room_) [[unlikely]] {
            grow_rows();
        }
        new (rows_ + size_) Row{key, values_.made(std::forward<Value>(value))};
        ++counts_[partition_of(fixed_hash)];
        return size_++;
    }

    // Behind each new key.
    void look_at_index(std::uint32_t tag, std::size_t slot) {
        const std::size_t distance = (slot - tag) & mask_;
        if (distance > longest_probe && !is_seeded_) [[unlikely]] {
            take_job_seed();
        }
        if (size_ == most_indexed_) [[unlikely]] {
            grow_slots();
        }
        if (size_ == next_look_) [[unlikely]] {
            next_look_ *= 2;
            is_combining_ = combined_ >= size_ / 8;
        }
    }

    void reserve_rows(std::size_t rows) {
        if (memory_->rows.bytes() < rows * sizeof(Row)) {
            memory_->rows.grow(0, rows * sizeof(Row));
        }
        take_rows();
    }
    [[gnu::noinline, gnu::cold]] void grow_rows() {
        if (size_ >= most_rows) {
            refuse_more_rows();
        }
        memory_->rows.grow(size_ * sizeof(Row), 2 * (size_ + 1) * sizeof(Row));
        take_rows();
    }
    void take_rows() noexcept {
        rows_ = reinterpret_cast<Row*>(memory_->rows.data());
        room_ = memory_->rows.bytes() / sizeof(Row);
    }

    void take_slots(std::size_t slots) {
        if (memory_->slots.bytes() < slots * sizeof(IndexSlot)) {
            memory_->slots.grow(0, slots * sizeof(IndexSlot));
        }
        slots_ = reinterpret_cast<IndexSlot*>(memory_->slots.data());
        mask_ = slots - 1;
        most_indexed_ = rows_for(slots);
    }
    void clear_slots() noexcept { std::memset(slots_, 0, (mask_ + 1) * sizeof(IndexSlot)); }

    // A slot has all that its place depends on, while places are numbers of 32 bits.
    [[gnu::noinline, gnu::cold]] void grow_slots() {
        const std::size_t slots = mask_ + 1;
        KeyedBuffer old = std::move(memory_->slots);
        memory_->slots = KeyedBuffer();
        take_slots(2 * slots);
        clear_slots();
        const auto* const from = reinterpret_cast<const IndexSlot*>(old.data());
        for (std::size_t i = 0; i < slots; ++i) {
            if (from[i] != 0) {
                put_slot(slots_, mask_, static_cast<std::uint32_t>(from[i] >> 32U),
                         static_cast<std::uint32_t>(from[i]));
            }
        }
    }

    // The next chunk mostly has as many keys, and need not grow to that.
    void note_slots() noexcept {
        const bool are_used = is_combining_ && size_ > rows_for(mask_ + 1) / 4;
        memory_->chunk_slots = are_used ? mask_ + 1 : 0;
    }

    [[gnu::noinline, gnu::cold]] void take_job_seed() {
        is_seeded_ = true;
        seed_ = job_seed_;
        clear_slots();
        for (std::size_t row = 0; row < size_; ++row) {
            put_slot(slots_, mask_, tag_of(Keys::hash(rows_[row].key, seed_)), row + 1);
        }
    }

    [[nodiscard]] static std::size_t outside_bytes(std::span<const Row> rows);
    static std::byte* move_outside(std::span<Row> rows, std::byte* to);
    [[nodiscard]] std::size_t part_bytes(const PartHead& head) const;

    KeptMemory memory_;
    DealtRows<Row> dealt_{memory_->dealt};
    Row* rows_ = nullptr;
    IndexSlot* slots_ = nullptr;
    std::size_t mask_ = 0;
    std::size_t size_ = 0;
    std::size_t room_ = 0;
    std::size_t combined_ = 0;
    std::size_t most_indexed_ = 0;
    std::size_t next_look_ = 0;
    bool is_combining_ = true;
    bool is_seeded_ = false;
    HashSeed seed_ = fixed_seed;
    HashSeed job_seed_;
    [[no_unique_address]] Values values_;
    std::array<std::uint32_t, partitions> counts_{};  // rows of each partition
};

template <typename Keys, typename Values>
std::size_t CombiningTable<Keys, Values>::outside_bytes(std::span<const Row> rows) {
    std::size_t bytes = 0;
    if constexpr (has_outside) {
        for (const Row& row : rows) {
            bytes += Keys::outside(row.key).size() + Values::outside_bytes(row.value);
        }
    }
    return bytes;
}

template <typename Keys, typename Values>
std::byte* CombiningTable<Keys, Values>::move_outside(std::span<Row> rows, std::byte* to) {
    if constexpr (has_outside) {
        for (Row& row : rows) {
            to = move_key_outside<Keys>(row.key, to);
            if constexpr (Values::may_lie_outside) {
                to += Values::write(row.value, to);
            }
        }
    }
    return to;
}

template <typename Keys, typename Values>
std::size_t CombiningTable<Keys, Values>::part_bytes(const PartHead& head) const {
    std::size_t bytes = sizeof(PartHead) + head.first.back() * sizeof(Row) + outside_bytes(rows());
    if constexpr (has_outside) {
        for (std::size_t p = 0; p < partitions; ++p) {
            bytes += outside_bytes(dealt_.of(p));
        }
    }
    return bytes;
}

template <typename Keys, typename Values>
void CombiningTable<Keys, Values>::write_part(ResultSlot& slot, ResultBlocks& blocks) {
    if (size_ == 0) {
        slot.bytes = 0;
        return;
    }
    const PartHead counted = part_head();
    auto* const head = new (take_keyed_block(slot, blocks, part_bytes(counted))) PartHead(counted);
    note_slots();
    auto* const to = reinterpret_cast<Row*>(head + 1);
    std::array<std::uint32_t, partitions + 1> next = head->first;
    for (const Row& row : rows()) {
        const std::size_t p = partition_of(Keys::hash(row.key, fixed_seed));
        std::memcpy(static_cast<void*>(to + next[p]++), &row, sizeof(Row));
    }
    for (std::size_t p = 0; p < partitions; ++p) {
        const std::span<const Row> dealt = dealt_.of(p);
        if (!dealt.empty()) {
            std::memcpy(static_cast<void*>(to + next[p]), dealt.data(), dealt.size_bytes());
        }
    }
    const std::span<Row> all(to, head->first.back());
    move_outside(all, reinterpret_cast<std::byte*>(to + all.size()));
}

template <typename Keys, typename Values>
void CombiningTable<Keys, Values>::write_table(ResultSlot& slot, ResultBlocks& blocks) {
    const std::size_t slots = mask_ + 1;
    const std::size_t bytes = sizeof(TableHead) + size_ * sizeof(Row) + slots * sizeof(IndexSlot) +
                              outside_bytes({rows_, size_});
    auto* const head = new (take_keyed_block(slot, blocks, bytes)) TableHead{size_, slots, seed_};
    auto* const index = reinterpret_cast<IndexSlot*>(head + 1);
    auto* const rows = reinterpret_cast<Row*>(index + slots);
    std::memcpy(index, slots_, slots * sizeof(IndexSlot));
    std::memcpy(rows, rows_, size_ * sizeof(Row));
    move_outside({rows, size_}, reinterpret_cast<std::byte*>(rows + size_));
}

}  // namespace pinfold::detail

#pragma once

// The tables of all partitions, as the host reads them. Not for users.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/engine/detail/keyed/key_index.hpp>
#include <pinfold/engine/detail/keyed/key_kinds.hpp>
#include <span>
#include <utility>
#include <vector>

namespace pinfold::detail {

/// Throws std::out_of_range.
[[noreturn]] PINFOLD_API void refuse_missing_key();

template <typename Keys, typename Row>
class TableView {
  public:
    /// Where a row is. At the end of the last partition's rows it is at the end of all.
    class Cursor {
      public:
        Cursor() = default;
        Cursor(const TableView& of, std::size_t partition) : of_(&of), partition_(partition) {
            settle();
        }

        [[nodiscard]] const Row* row() const noexcept { return row_; }
        void go_on() noexcept {
            if (++row_ == end_) {
                ++partition_;
                settle();
            }
        }
        friend bool operator==(const Cursor& a, const Cursor& b) noexcept {
            return a.row_ == b.row_;
        }

      private:
        void settle() noexcept {
            row_ = nullptr;
            for (; partition_ < of_->blocks_.size(); ++partition_) {
                const std::span<const Row> rows = of_->rows(partition_);
                if (!rows.empty()) {
                    row_ = rows.data();
                    end_ = row_ + rows.size();
                    return;
                }
            }
        }

        const TableView* of_ = nullptr;
        std::size_t partition_ = 0;
        const Row* row_ = nullptr;
        const Row* end_ = nullptr;
    };

    TableView() = default;
    explicit TableView(KeyedBlocks blocks) : blocks_(std::move(blocks)) {
        for (std::size_t p = 0; p < blocks_.size(); ++p) {
            size_ += rows(p).size();
        }
    }
    TableView(TableView&& other) noexcept
        : blocks_(std::move(other.blocks_)), size_(std::exchange(other.size_, 0)) {}
    TableView& operator=(TableView&& other) noexcept {
        blocks_ = std::move(other.blocks_);
        size_ = std::exchange(other.size_, 0);
        return *this;
    }
    ~TableView() = default;

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return blocks_.bytes(); }
    [[nodiscard]] Cursor begin() const { return Cursor(*this, 0); }
    [[nodiscard]] Cursor end() const { return Cursor(*this, blocks_.size()); }

    template <typename Use>
    void for_each(const Use& use) const {
        for (std::size_t p = 0; p < blocks_.size(); ++p) {
            for (const Row& row : rows(p)) {
                use(row);
            }
        }
    }

    /// nullptr of a key that is not there.
    [[nodiscard]] const Row* find(typename Keys::Given key) const {
        if constexpr (requires { Keys::stored(key); }) {
            return find_stored(Keys::stored(key));
        } else {
            std::vector<std::byte> scratch;
            return find_stored(Keys::stored(key, scratch));
        }
    }

  private:
    [[nodiscard]] const TableHead* table(std::size_t partition) const noexcept {
        return reinterpret_cast<const TableHead*>(blocks_[partition].data);
    }
    [[nodiscard]] std::span<const Row> rows(std::size_t partition) const noexcept {
        return table(partition) == nullptr ? std::span<const Row>{}
                                           : table(partition)->template rows_as<Row>();
    }
    [[nodiscard]] const Row* find_stored(const typename Keys::Stored& key) const {
        const std::uint64_t fixed_hash = Keys::hash(key, fixed_seed);
        const std::size_t partition = partition_of(fixed_hash);
        if (partition >= blocks_.size() || table(partition) == nullptr) {
            return nullptr;
        }
        const TableHead& head = *table(partition);
        const std::span<const Row> rows = head.template rows_as<Row>();
        const IndexPlace place =
            find_slot(head.index(), static_cast<std::size_t>(head.slots) - 1,
                      tag_of(is_fixed(head.seed) ? fixed_hash : Keys::hash(key, head.seed)),
                      [&](std::size_t row) { return Keys::are_same(rows[row].key, key); });
        return place.row == IndexPlace::no_row ? nullptr : &rows[place.row];
    }

    KeyedBlocks blocks_;
    std::uint64_t size_ = 0;
};

/// Goes from entry to entry of a table, which makes each of its row.
template <typename View, typename Entry, typename Of>
class EntryIterator {
  public:
    using value_type = Entry;
    using iterator_category = std::input_iterator_tag;  // what * gives is a value
    using iterator_concept = std::forward_iterator_tag;
    using reference = value_type;
    using pointer = void;
    using difference_type = std::ptrdiff_t;

    EntryIterator() = default;
    explicit EntryIterator(typename View::Cursor at) noexcept : at_(at) {}

    value_type operator*() const { return Of::entry_of(*at_.row()); }
    EntryIterator& operator++() noexcept {
        at_.go_on();
        return *this;
    }
    EntryIterator operator++(int) noexcept {
        EntryIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const EntryIterator& a, const EntryIterator& b) noexcept {
        return a.at_ == b.at_;
    }

  private:
    typename View::Cursor at_;
};

/// What a KeyedTable and Groups have in common. `Of` makes an Entry of a row.
template <typename Keys, typename Row, typename Entry, typename Of>
class KeyedEntries {
    using View = TableView<Keys, Row>;

  public:
    using value_type = Entry;
    using iterator = EntryIterator<View, Entry, Of>;
    using const_iterator = iterator;

    KeyedEntries() = default;
    explicit KeyedEntries(KeyedBlocks blocks) : view_(std::move(blocks)) {}

    /// How many keys there are.
    [[nodiscard]] std::uint64_t size() const noexcept { return view_.size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    /// What they take of the pool's memory, with their values.
    [[nodiscard]] std::uint64_t bytes() const noexcept { return view_.bytes(); }

    [[nodiscard]] bool contains(typename Keys::Given key) const {
        return view_.find(key) != nullptr;
    }

    [[nodiscard]] iterator begin() const { return iterator(view_.begin()); }
    [[nodiscard]] iterator end() const { return iterator(view_.end()); }

    /// All entries by ascending keys; one that is no number comes last.
    [[nodiscard]] std::vector<Entry> sorted() const {
        std::vector<Entry> all(begin(), end());
        std::sort(all.begin(), all.end(),
                  [](const Entry& a, const Entry& b) { return is_key_before(a.key, b.key); });
        return all;
    }

  protected:
    [[nodiscard]] const View& view() const noexcept { return view_; }

  private:
    View view_;
};

}  // namespace pinfold::detail

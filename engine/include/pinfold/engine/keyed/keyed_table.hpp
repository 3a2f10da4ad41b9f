#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/greatest.hpp>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/engine/detail/keyed/key_kinds.hpp>
#include <pinfold/engine/detail/keyed/table_view.hpp>
#include <pinfold/engine/detail/keyed/value_kinds.hpp>
#include <pinfold/shm/shareable.hpp>
#include <string>
#include <utility>
#include <vector>

namespace pinfold {

template <typename Key, typename Value>
class KeyedTable;

/// A key of a KeyedTable, and its value. A key that is a std::string is seen as a std::string_view
/// of its characters in the table, which must be there.
template <typename Key, typename Value>
struct KeyedEntry {
    typename detail::KeysOf<Key>::Type::Shown key;
    Value value;

    friend bool operator==(const KeyedEntry&, const KeyedEntry&) = default;
};

namespace detail {

template <typename Key, typename Value>
using TableRow = KeyedRow<typename KeysOf<Key>::Type::Stored, typename ValuesOf<Value>::Stored>;

template <typename Key, typename Value>
using EntriesOfTable = KeyedEntries<typename KeysOf<Key>::Type, TableRow<Key, Value>,
                                    KeyedEntry<Key, Value>, KeyedTable<Key, Value>>;

}  // namespace detail

/// The keys of map_reduce_by_key() and what was combined for each. It is read only, and lies in the
/// pool's memory.
///
///     pinfold::Pool pool;
///     const auto text = pool.array(std::string("to be or not to be"));
///     const auto counts = pinfold::map_reduce_by_key(
///         pool, pinfold::Words(text),
///         [](const pinfold::ChunkWords& words, auto& emit) {
///             for (const std::string_view word : words) {
///                 emit(word, 1U);
///             }
///         },
///         std::plus<>{});
///     assert(counts.value.size() == 4 && counts.value.at("be") == 2);
///     assert(counts.value.top(1)[0].key == "be");
///     assert(!counts.value.contains("question"));
///
/// Its order as it lies depends on the keys alone, and on the order in which they first came: it is
/// the same on every crew, with any number of workers.
///
/// Move-only; one that was moved from is empty. Memory: that of the rows and of an index, which its
/// end gives back. It may outlive the pool, whose memory it holds. Thread-safety: all members.
/// Run time: find() some 10 ns and the cache misses of two looks at memory.
template <typename Key, typename Value>
class KeyedTable : public detail::EntriesOfTable<Key, Value> {
    using Entries = detail::EntriesOfTable<Key, Value>;
    using Keys = typename detail::KeysOf<Key>::Type;
    using Values = detail::ValuesOf<Value>;
    using Row = detail::TableRow<Key, Value>;
    using Entries::view;

  public:
    using Entry = KeyedEntry<Key, Value>;

    KeyedTable() = default;

    /// Not for users: what the job makes.
    explicit KeyedTable(detail::KeyedBlocks blocks) : Entries(std::move(blocks)) {}

    /// The value of a key: a pointer to it, or nullptr. Of a value that is no plain bytes, a
    /// std::optional of one.
    [[nodiscard]] auto find(typename Keys::Given key) const {
        const Row* const row = view().find(key);
        if constexpr (shm::Shareable<Value>) {
            return row == nullptr ? nullptr : &row->value;
        } else {
            return row == nullptr ? std::optional<Value>()
                                  : std::optional<Value>(Values::value(row->value));
        }
    }
    /// Throws std::out_of_range for a key that is not there.
    [[nodiscard]] Value at(typename Keys::Given key) const {
        const Row* const row = view().find(key);
        if (row == nullptr) {
            detail::refuse_missing_key();
        }
        return Values::value(row->value);
    }

    /// The `n` entries with the greatest values, or all if there are fewer: by descending values,
    /// and of equal values by ascending keys.
    [[nodiscard]] std::vector<Entry> top(std::size_t n) const { return top(n, std::less<>{}); }
    template <typename Less>
    [[nodiscard]] std::vector<Entry> top(std::size_t n, const Less& less) const {
        const auto is_before = [&less](const Entry& a, const Entry& b) {
            if (less(b.value, a.value)) {
                return true;
            }
            return !less(a.value, b.value) && detail::is_key_before(a.key, b.key);
        };
        detail::Greatest<Entry, decltype(is_before)> greatest(n, is_before);
        for (Entry entry : *this) {
            greatest.show(std::move(entry));
        }
        return greatest.take();
    }

    /// A copy. Throws std::domain_error where a key is no number, which a std::map cannot hold.
    [[nodiscard]] std::map<Key, Value> to_map() const {
        std::map<Key, Value> copy;
        view().for_each([&copy](const Row& row) {
            detail::check_key_of_map(row.key);
            copy.emplace(Keys::made(row.key), Values::value(row.value));
        });
        return copy;
    }

    /// Not for users.
    static Entry entry_of(const Row& row) {
        return {Keys::shown(row.key), Values::value(row.value)};
    }
};

}  // namespace pinfold

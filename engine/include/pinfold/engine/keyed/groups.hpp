#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/blocks.hpp>
#include <pinfold/engine/detail/keyed/key_kinds.hpp>
#include <pinfold/engine/detail/keyed/table_view.hpp>
#include <pinfold/engine/detail/keyed/value_kinds.hpp>
#include <pinfold/shm/shareable.hpp>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

namespace pinfold {

template <typename Key, typename Value>
class Groups;

namespace detail {

/// What a user gets of a group: the values where they lie, or copies of what is no plain bytes.
template <typename Value>
using GroupOf =
    std::conditional_t<shm::Shareable<Value>, std::span<const Value>, std::vector<Value>>;

}  // namespace detail

/// A key of Groups, and its values. A key that is a std::string is seen as a std::string_view.
template <typename Key, typename Value>
struct GroupEntry {
    typename detail::KeysOf<Key>::Type::Shown key;
    detail::GroupOf<Value> values;
};

namespace detail {

template <typename Key, typename Value>
using GroupRow =
    KeyedRow<typename KeysOf<Key>::Type::Stored, GroupSpan<typename ValuesOf<Value>::Stored>>;

template <typename Key, typename Value>
using EntriesOfGroups = KeyedEntries<typename KeysOf<Key>::Type, GroupRow<Key, Value>,
                                     GroupEntry<Key, Value>, Groups<Key, Value>>;

}  // namespace detail

/// The keys of group_by(), and the values of each in the order in which they were emitted. It is
/// read only, and lies in the pool's memory.
///
///     pinfold::Pool pool;
///     const auto by_rest = pinfold::group_by<int, int>(
///         pool, pinfold::Range{0, 10}, [](const pinfold::Chunk& chunk, auto& emit) {
///             for (const auto k : chunk) {
///                 emit(static_cast<int>(k % 3), static_cast<int>(k));
///             }
///         });
///     assert(by_rest.value.size() == 3 && by_rest.value.find(2).size() == 3);
///     assert(by_rest.value.find(2)[1] == 5 && by_rest.value.find(7).empty());
///
/// Order, memory and lifetime are those of a KeyedTable. Values that are no plain bytes are given
/// as a std::vector of copies in place of a span.
template <typename Key, typename Value>
class Groups : public detail::EntriesOfGroups<Key, Value> {
    using Entries = detail::EntriesOfGroups<Key, Value>;
    using Keys = typename detail::KeysOf<Key>::Type;
    using Values = detail::ValuesOf<Value>;
    using Row = detail::GroupRow<Key, Value>;
    using Entries::view;

  public:
    using Entry = GroupEntry<Key, Value>;

    Groups() = default;

    /// Not for users: what the job makes.
    explicit Groups(detail::KeyedBlocks blocks) : Entries(std::move(blocks)) {}

    /// The values of a key; none of one that is not there.
    [[nodiscard]] detail::GroupOf<Value> find(typename Keys::Given key) const {
        const Row* const row = view().find(key);
        return row == nullptr ? detail::GroupOf<Value>{} : values_of(*row);
    }

    /// A copy. Throws std::domain_error where a key is no number, which a std::map cannot hold.
    [[nodiscard]] std::map<Key, std::vector<Value>> to_map() const {
        std::map<Key, std::vector<Value>> copy;
        view().for_each([&copy](const Row& row) {
            detail::check_key_of_map(row.key);
            const auto values = values_of(row);
            copy.emplace(Keys::made(row.key), std::vector<Value>(values.begin(), values.end()));
        });
        return copy;
    }

    /// Not for users.
    static Entry entry_of(const Row& row) { return {Keys::shown(row.key), values_of(row)}; }

  private:
    static detail::GroupOf<Value> values_of(const Row& row) {
        if constexpr (shm::Shareable<Value>) {
            return row.value.values();
        } else {
            std::vector<Value> values;
            for (const auto& stored : row.value.values()) {
                values.push_back(Values::value(stored));
            }
            return values;
        }
    }
};

}  // namespace pinfold

#pragma once

// What sorts move: keys, and the values that go with them. Not for users.

#include <cstddef>
#include <cstring>
#include <pinfold/api.hpp>
#include <type_traits>

namespace pinfold::detail {

/// In the place of the values of a sort that has keys alone.
struct NoSortValue {};

/// Keys in a row, and a value of each in a row of its own.
template <typename Key, typename Value>
struct SortRows {
    Key* keys = nullptr;
    Value* values = nullptr;

    [[nodiscard]] SortRows behind(std::size_t i) const noexcept { return {keys + i, values + i}; }
    [[nodiscard]] SortRows<const Key, const Value> read_only() const noexcept {
        return {keys, values};
    }
};

template <typename Key, typename Value>
requires std::is_same_v<std::remove_const_t<Value>, NoSortValue>
struct SortRows<Key, Value> {
    Key* keys = nullptr;

    [[nodiscard]] SortRows behind(std::size_t i) const noexcept { return {keys + i}; }
    [[nodiscard]] SortRows<const Key, const Value> read_only() const noexcept { return {keys}; }
};

/// Those that a sort reads and never writes.
template <typename Key, typename Value>
using ReadRows = SortRows<const Key, const Value>;

template <typename Key, typename Value>
inline constexpr bool has_values = !std::is_same_v<std::remove_const_t<Value>, NoSortValue>;

/// to[i] = from[j].
template <typename Key, typename Value>
[[gnu::always_inline]] inline void put_row(SortRows<Key, Value> to, std::size_t i,
                                           ReadRows<Key, Value> from, std::size_t j) {
    to.keys[i] = from.keys[j];
    if constexpr (has_values<Key, Value>) {
        to.values[i] = from.values[j];
    }
}

/// Copies `size` rows, which do not overlap those that they go to.
template <typename Key, typename Value>
void copy_rows(ReadRows<Key, Value> from, SortRows<Key, Value> to, std::size_t size) {
    if (size != 0) {
        std::memcpy(to.keys, from.keys, size * sizeof(Key));
        if constexpr (has_values<Key, Value>) {
            std::memcpy(to.values, from.values, size * sizeof(Value));
        }
    }
}

}  // namespace pinfold::detail

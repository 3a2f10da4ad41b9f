#pragma once

// Stable radix sort of rows in one worker, from the highest digit that differs on down: each digit
// spreads the rows over parts, which then lie in the caches. Not for users.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/radix_key.hpp>
#include <pinfold/engine/detail/algorithms/sort_rows.hpp>
#include <utility>

namespace pinfold::detail {

/// The bits that a part's rows are spread by.
struct RadixDigit {
    int shift = 0;
    std::size_t mask = 0;

    [[nodiscard]] std::size_t of(std::uint64_t key) const noexcept {
        return static_cast<std::size_t>(key >> shift) & mask;
    }
};

inline constexpr int most_digit_bits = 8;

/// The highest bits in which keys differ; of few rows no more bits than that most parts have a row.
[[nodiscard]] inline RadixDigit next_digit(std::uint64_t differing, std::size_t rows) noexcept {
    const int bits = std::min({most_digit_bits, static_cast<int>(std::bit_width(rows)) - 1,
                               static_cast<int>(std::bit_width(differing))});
    return {static_cast<int>(std::bit_width(differing)) - bits, (std::size_t{1} << bits) - 1};
}

/// The order of a few rows is found by insertion (sort_bench).
inline constexpr std::size_t most_inserted_rows = 20;

template <typename Less>
struct RadixSort {
    /// Sorts rows into `to`; `scratch` has room for as many. Both may hold anything.
    template <typename Key, typename Value>
    static void sort(ReadRows<Key, Value> from, SortRows<Key, Value> to,
                     SortRows<Key, Value> scratch, std::size_t size) {
        if (size <= most_inserted_rows) {
            return insert(from, to, size);
        }
        const std::uint64_t differing = differing_bits(from.keys, size);
        if (differing == 0) {
            return copy_rows(from, to, size);
        }
        Ends ends;
        spread(from, scratch, size, next_digit(differing, size), ends);
        for_each_part(ends, [&](std::size_t at, std::size_t rows) {
            move_sorted<Key, Value>(scratch.behind(at), to.behind(at), rows);
        });
    }

  private:
    using Ends = std::array<std::size_t, std::size_t{1} << most_digit_bits>;

    template <typename Key>
    [[nodiscard]] static std::uint64_t differing_bits(const Key* keys, std::size_t size) {
        const std::uint64_t first = radix_key<Less>(keys[0]);
        std::uint64_t differing = 0;
        for (std::size_t i = 1; i < size; ++i) {
            differing |= radix_key<Less>(keys[i]) ^ first;
        }
        return differing;
    }

    template <typename Key, typename Value>
    static void insert(ReadRows<Key, Value> from, SortRows<Key, Value> to, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i) {
            const std::uint64_t key = radix_key<Less>(from.keys[i]);
            std::size_t place = i;
            for (; place != 0 && key < radix_key<Less>(to.keys[place - 1]); --place) {
                put_row(to, place, to.read_only(), place - 1);
            }
            put_row(to, place, from, i);
        }
    }

    /// Stable. Afterwards `ends` has where each part ends.
    template <typename Key, typename Value>
    static void spread(ReadRows<Key, Value> from, SortRows<Key, Value> to, std::size_t size,
                       RadixDigit digit, Ends& ends) {
        ends.fill(0);
        for (std::size_t i = 0; i < size; ++i) {
            ++ends[digit.of(radix_key<Less>(from.keys[i]))];
        }
        std::size_t begin = 0;
        for (std::size_t& end : ends) {
            begin += std::exchange(end, begin);
        }
        for (std::size_t i = 0; i < size; ++i) {
            put_row(to, ends[digit.of(radix_key<Less>(from.keys[i]))]++, from, i);
        }
    }

    template <typename Each>
    static void for_each_part(const Ends& ends, const Each& each) {
        std::size_t begin = 0;
        for (const std::size_t end : ends) {
            if (end != begin) {
                each(begin, end - begin);
            }
            begin = end;
        }
    }

    /// Sorts rows into `to`, and leaves anything where they were.
    template <typename Key, typename Value>
    static void move_sorted(SortRows<Key, Value> from, SortRows<Key, Value> to, std::size_t size) {
        if (size <= most_inserted_rows) {
            return insert(from.read_only(), to, size);
        }
        const std::uint64_t differing = differing_bits(from.keys, size);
        if (differing == 0) {
            return copy_rows(from.read_only(), to, size);
        }
        Ends ends;
        spread(from.read_only(), to, size, next_digit(differing, size), ends);
        for_each_part(ends, [&](std::size_t at, std::size_t rows) {
            sort_in_place(to.behind(at), from.behind(at), rows);
        });
    }

    /// Sorts rows where they are; `scratch` has room for as many.
    template <typename Key, typename Value>
    static void sort_in_place(SortRows<Key, Value> rows, SortRows<Key, Value> scratch,
                              std::size_t size) {
        if (size <= most_inserted_rows) {
            return insert_in_place(rows, size);
        }
        const std::uint64_t differing = differing_bits(rows.keys, size);
        if (differing == 0) {
            return;
        }
        Ends ends;
        spread(rows.read_only(), scratch, size, next_digit(differing, size), ends);
        for_each_part(ends, [&](std::size_t at, std::size_t part) {
            move_sorted(scratch.behind(at), rows.behind(at), part);
        });
    }

    template <typename Key, typename Value>
    static void insert_in_place(SortRows<Key, Value> rows, std::size_t size) {
        for (std::size_t i = 1; i < size; ++i) {
            const Key key = rows.keys[i];
            const std::uint64_t radix = radix_key<Less>(key);
            std::size_t place = i;
            if constexpr (has_values<Key, Value>) {
                const Value value = rows.values[i];
                for (; place != 0 && radix < radix_key<Less>(rows.keys[place - 1]); --place) {
                    put_row(rows, place, rows.read_only(), place - 1);
                }
                rows.values[place] = value;
            } else {
                for (; place != 0 && radix < radix_key<Less>(rows.keys[place - 1]); --place) {
                    put_row(rows, place, rows.read_only(), place - 1);
                }
            }
            rows.keys[place] = key;
        }
    }
};

}  // namespace pinfold::detail

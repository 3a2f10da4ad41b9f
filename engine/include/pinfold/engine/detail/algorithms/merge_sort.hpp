#pragma once

// Stable merge sort of rows: in one worker, and the merging of sorted runs piece by piece. Not for
// users.
//
// Merge path: Odeh, Green, Mwassi, Shmueli and Birk, "Merge Path: Parallel TwoRuns Made Simple",
// 2012. A piece of a merged output comes from a part of each run, and a binary search finds where
// these begin.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/algorithms/sort_rows.hpp>

namespace pinfold::detail {

/// How many of the first `count` rows of two merged runs are of the left one, whose rows come first
/// among equal ones.
template <typename Key, typename Less>
[[nodiscard]] std::size_t rows_of_left(const Key* left, std::size_t left_size, const Key* right,
                                       std::size_t right_size, std::size_t count,
                                       const Less& less) {
    std::size_t low = count > right_size ? count - right_size : 0;
    std::size_t high = std::min(count, left_size);
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (less(right[count - middle - 1], left[middle])) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

/// Two sorted runs on their way into one.
template <typename Key, typename Value>
class TwoRuns {
  public:
    TwoRuns(ReadRows<Key, Value> left, std::size_t left_size, ReadRows<Key, Value> right,
            std::size_t right_size, SortRows<Key, Value> to) noexcept
        : left_(left), left_size_(left_size), right_(right), right_size_(right_size), to_(to) {}

    /// How many steps can be made before either run may end.
    [[nodiscard]] std::size_t safe_steps() const noexcept {
        return std::min(left_size_ - i_, right_size_ - j_);
    }

    /// Takes the next row. Which one that is decides no branch, which would be foretold wrongly
    /// half of the time: compilers make none of this sum (sort_bench, doubles: .4 of the time).
    template <typename Less>
    [[gnu::always_inline]] inline void step(const Less& less) {
        const auto takes_right =
            static_cast<std::size_t>(static_cast<bool>(less(right_.keys[j_], left_.keys[i_])));
        to_.keys[i_ + j_] = *next_of(left_.keys, right_.keys, takes_right);
        if constexpr (has_values<Key, Value>) {
            to_.values[i_ + j_] = *next_of(left_.values, right_.values, takes_right);
        }
        j_ += takes_right;
        i_ += 1 - takes_right;
    }

    template <typename Less>
    void finish(const Less& less) {
        while (safe_steps() != 0) {
            for (std::size_t steps = safe_steps(); steps != 0; --steps) {
                step(less);
            }
        }
        copy_rows<Key, Value>(left_.behind(i_), to_.behind(i_ + j_), left_size_ - i_);
        copy_rows<Key, Value>(right_.behind(j_), to_.behind(left_size_ + j_), right_size_ - j_);
    }

  private:
    template <typename T>
    [[gnu::always_inline]] const T* next_of(const T* left, const T* right,
                                            std::size_t takes_right) const noexcept {
        const auto at = reinterpret_cast<std::uintptr_t>(left + i_);
        const auto apart = reinterpret_cast<std::uintptr_t>(right + j_) - at;
        return reinterpret_cast<const T*>(at + (apart & (0 - takes_right)));
    }

    ReadRows<Key, Value> left_;
    std::size_t left_size_;
    ReadRows<Key, Value> right_;
    std::size_t right_size_;
    SortRows<Key, Value> to_;
    std::size_t i_ = 0;
    std::size_t j_ = 0;
};

/// Merges two sorted runs into `to`; among equal rows those of the left one come first. Both halves
/// of the output are merged at once: a step waits for the one before, and not for the other half's
/// (sort_bench).
template <typename Key, typename Value, typename Less>
void merge_rows(ReadRows<Key, Value> left, std::size_t left_size, ReadRows<Key, Value> right,
                std::size_t right_size, SortRows<Key, Value> to, const Less& less) {
    const std::size_t half = (left_size + right_size) / 2;
    const std::size_t i = rows_of_left(left.keys, left_size, right.keys, right_size, half, less);
    const std::size_t j = half - i;
    TwoRuns<Key, Value> low(left, i, right, j, to);
    TwoRuns<Key, Value> high(left.behind(i), left_size - i, right.behind(j), right_size - j,
                             to.behind(half));
    for (;;) {
        const std::size_t steps = std::min(low.safe_steps(), high.safe_steps());
        for (std::size_t step = 0; step < steps; ++step) {
            low.step(less);
            high.step(less);
        }
        if (steps == 0) {
            break;
        }
    }
    low.finish(less);
    high.finish(less);
}

/// More rows are cut in two and merged (sort_bench).
inline constexpr std::size_t most_ranked_rows = 8;

/// Sorts a few rows into `to`: each goes where its rank says, and no branch depends on a key.
template <typename Key, typename Value, typename Less>
void rank_rows(ReadRows<Key, Value> from, SortRows<Key, Value> to, std::size_t size,
               const Less& less) {
    std::size_t ranks[most_ranked_rows] = {};
    for (std::size_t i = 1; i < size; ++i) {
        for (std::size_t j = 0; j < i; ++j) {
            const bool is_before = less(from.keys[i], from.keys[j]);
            ranks[j] += is_before ? 1U : 0U;
            ranks[i] += is_before ? 0U : 1U;
        }
    }
    for (std::size_t i = 0; i < size; ++i) {
        put_row(to, ranks[i], from, i);
    }
}

/// Sorts rows into `to`, stable; `scratch` has room for as many. Both may hold anything, as a
/// chunk that was begun before left it.
template <typename Key, typename Value, typename Less>
void merge_sort(ReadRows<Key, Value> from, SortRows<Key, Value> to, SortRows<Key, Value> scratch,
                std::size_t size, const Less& less) {
    if (size <= most_ranked_rows) {
        rank_rows(from, to, size, less);
        return;
    }
    const std::size_t half = size / 2;
    merge_sort(from, scratch, to, half, less);
    merge_sort<Key, Value>(from.behind(half), scratch.behind(half), to.behind(half), size - half,
                           less);
    const ReadRows<Key, Value> left = scratch.read_only();
    const ReadRows<Key, Value> right = left.behind(half);
    if (!less(right.keys[0], left.keys[half - 1])) {  // as in what is sorted already
        copy_rows(left, to, size);
    } else if (less(right.keys[size - half - 1], left.keys[0])) {  // as in what is reversed
        copy_rows(right, to, size - half);
        copy_rows(left, to.behind(size - half), half);
    } else {
        merge_rows(left, half, right, size - half, to, less);
    }
}

}  // namespace pinfold::detail

#pragma once

// Rows that a chunk does not combine. Not for users.
//
// Each goes behind the last one of its partition, in memory of the worker's own: a part then has
// them by 64 copies. Nobody counts them first, and no row is looked at again.

#include <array>
#include <cstddef>
#include <new>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/engine/detail/keyed/keyed_memory.hpp>
#include <span>
#include <type_traits>

namespace pinfold::detail {

/// A number of rows for each partition, in memory that lasts from chunk to chunk.
template <typename Row>
class DealtRows {
  public:
    static_assert(std::is_trivially_copyable_v<Row>);

    explicit DealtRows(KeyedMemory::Dealt& memory) noexcept : memory_(memory) {}

    void clear() noexcept {
        for (std::size_t p = 0; p < partitions; ++p) {
            next_[p] = memory_[p].template as<Row>();
            end_[p] = next_[p] + memory_[p].bytes() / sizeof(Row);
        }
    }

    template <typename Key, typename Value>
    void add(std::size_t partition, const Key& key, const Value& value) {
        if (next_[partition] == end_[partition]) [[unlikely]] {
            grow(partition);
        }
        new (next_[partition]++) Row{key, value};
    }

    [[nodiscard]] std::span<const Row> of(std::size_t partition) const noexcept {
        return {memory_[partition].template as<Row>(), next_[partition]};
    }

  private:
    static constexpr std::size_t least_bytes = 4096;

    [[gnu::noinline, gnu::cold]] void grow(std::size_t partition) {
        const std::size_t used = of(partition).size_bytes();
        memory_[partition].grow(used, 2 * used + least_bytes);
        Row* const first = memory_[partition].template as<Row>();
        next_[partition] = first + used / sizeof(Row);
        end_[partition] = first + memory_[partition].bytes() / sizeof(Row);
    }

    KeyedMemory::Dealt& memory_;
    std::array<Row*, partitions> next_{};
    std::array<Row*, partitions> end_{};
};

}  // namespace pinfold::detail

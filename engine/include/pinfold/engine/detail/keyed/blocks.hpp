#pragma once

// What lies in shared memory of a keyed job. Not for users.
//
//     part, of a chunk:       PartHead  | rows, by partition | what lies outside of rows
//     table, of a partition:  TableHead | slots of the index | rows | what lies outside of rows
//
// Rows of a part, and those of a table, stand in the order in which their keys first came. In a
// part a key may have several rows; they stand in order, too. All pointers are addresses that are
// the same in all workers.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/keyed/key_hash.hpp>
#include <pinfold/engine/detail/keyed/key_index.hpp>
#include <span>
#include <utility>
#include <vector>

namespace pinfold::shm {
class Arena;
}

namespace pinfold::detail {

template <typename Key, typename Value>
struct KeyedRow {
    Key key;
    Value value;
};

/// Values of one key, in the order of their emission.
template <typename Stored>
struct GroupSpan {
    Stored* first;
    std::uint64_t count;

    [[nodiscard]] std::span<const Stored> values() const noexcept {
        return {first, static_cast<std::size_t>(count)};
    }
};

struct alignas(16) PartHead {
    std::array<std::uint32_t, partitions + 1> first;  // row of each partition

    template <typename Row>
    [[nodiscard]] std::span<const Row> rows(std::size_t partition) const noexcept {
        return {reinterpret_cast<const Row*>(this + 1) + first[partition],
                first[partition + 1] - first[partition]};
    }
};

[[nodiscard]] inline bool have_rows(std::span<const PartHead* const> parts,
                                    std::size_t partition) noexcept {
    for (const PartHead* const part : parts) {
        if (part->first[partition] != part->first[partition + 1]) {
            return true;
        }
    }
    return false;
}

struct alignas(16) TableHead {
    std::uint64_t rows;
    std::uint64_t slots;
    HashSeed seed;  // of the index

    [[nodiscard]] const IndexSlot* index() const noexcept {
        return reinterpret_cast<const IndexSlot*>(this + 1);
    }
    template <typename Row>
    [[nodiscard]] std::span<const Row> rows_as() const noexcept {
        return {reinterpret_cast<const Row*>(index() + slots), static_cast<std::size_t>(rows)};
    }
};

/// Blocks of results that the host has taken over, and frees. Where a pool has workers they lie in
/// its arena.
///
///     pinfold::detail::KeyedBlocks none;
///     assert(none.size() == 0 && none.bytes() == 0);
class PINFOLD_API KeyedBlocks {
  public:
    struct Block {
        const std::byte* data = nullptr;
        std::size_t bytes = 0;
    };

    KeyedBlocks() = default;
    explicit KeyedBlocks(std::shared_ptr<shm::Arena> arena, std::size_t size = 0)
        : arena_(std::move(arena)), blocks_(size) {}
    ~KeyedBlocks() { clear(); }
    KeyedBlocks(KeyedBlocks&& other) noexcept
        : arena_(std::move(other.arena_)), blocks_(std::move(other.blocks_)) {
        other.blocks_.clear();
    }
    KeyedBlocks& operator=(KeyedBlocks&& other) noexcept {
        KeyedBlocks taken(std::move(other));  // what this had goes now, and not with `other`
        std::swap(arena_, taken.arena_);
        std::swap(blocks_, taken.blocks_);
        return *this;
    }

    [[nodiscard]] std::size_t size() const noexcept { return blocks_.size(); }
    [[nodiscard]] const Block& operator[](std::size_t i) const noexcept { return blocks_[i]; }
    [[nodiscard]] std::size_t bytes() const noexcept;

    /// Throws std::bad_alloc, and then has not taken it.
    void add(Block block) { blocks_.push_back(block); }

    /// Frees what was in its place.
    void replace(std::size_t i, Block block) noexcept;
    void clear() noexcept;

  private:
    void free(const Block& block) const noexcept;

    std::shared_ptr<shm::Arena> arena_;
    std::vector<Block> blocks_;
};

}  // namespace pinfold::detail

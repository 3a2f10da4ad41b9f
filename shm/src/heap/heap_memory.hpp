#pragma once

// What of a heap lies in shared memory. All zeros are a heap from which nothing was taken.
//
//     root │ lines: one a party │ words: one a unit │ bits: of each unit's blocks │ units

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

#include "heap/size_classes.hpp"
#include "heap/unit_word.hpp"

namespace pinfold::shm {
class Mapping;
}

namespace pinfold::shm::detail {

/// The host holds nothing, names nothing and is never buried: its death is the heap's end.
inline constexpr PartyNumber host_party = 0;

struct HeapRoot {
    /// No unit from here on was ever in use. Raised before the use.
    std::atomic<std::uint64_t> top{0};

    /// The words and the bits of the units below are in memory.
    std::atomic<std::uint64_t> prepared{0};

    /// Bytes that the arena's own blocks wait for.
    alignas(cache_line) std::atomic<std::size_t> arena_awaited{0};
};

/// A range of units in one word.
struct alignas(8) UnitRange {
    std::uint32_t first = 0;
    std::uint32_t count = 0;
};
static_assert(std::atomic<UnitRange>::is_always_lock_free);

/// What a party does, each named before its first step: its burial reads this and nothing else.
/// Written by the party alone, and by whoever buries it.
struct alignas(cache_line) HeapLine {
    /// Units that it claims. Nothing when the count is 0.
    std::atomic<UnitRange> taking{};

    /// A slab that it looks whether to close: the unit + 1.
    std::atomic<std::uint32_t> closing{0};

    /// The blocks that it holds: the first of these offsets.
    std::atomic<std::uint32_t> held{0};
    std::array<std::atomic<std::uint64_t>, Heap::most_held> hands{};

    /// Of each class: the slab from which it takes blocks, the unit + 1.
    std::array<std::atomic<std::uint32_t>, size_classes> open{};

    /// Bytes that it is about to bring into memory.
    std::atomic<std::size_t> awaited{0};

    /// The block that it frees: the offset + 1. On a line of its own, since all read it often.
    alignas(cache_line) std::atomic<std::uint64_t> freeing{0};
};

/// Which of a slab's blocks are taken. Zeros in a unit that is no slab.
struct SlabBits {
    std::array<std::atomic<std::uint64_t>, most_blocks / 64> words;

    [[nodiscard]] bool are_zero() const noexcept {
        for (const std::atomic<std::uint64_t>& word : words) {
            if (word.load(std::memory_order_seq_cst) != 0) {
                return false;
            }
        }
        return true;
    }
};

/// Where the parts lie: the same in all processes.
struct HeapMemory {
    /// In a region of zeros of `mapping`, for so many parties. Writes nothing there.
    HeapMemory(const Mapping& mapping, std::span<std::byte> region, std::size_t parties);

    /// The size of a region whose units have `bytes` together.
    static std::size_t region_bytes(std::size_t bytes, std::size_t parties) noexcept;

    /// The units from `first` on.
    [[nodiscard]] std::span<std::byte> bytes_of(std::size_t first, std::size_t count) const {
        return units.subspan(first * unit_bytes, count * unit_bytes);
    }

    [[nodiscard]] std::uint64_t offset_of(const void* block) const noexcept {
        return static_cast<std::uint64_t>(static_cast<const std::byte*>(block) - units.data());
    }

    /// How many units a block of `pages` pages takes.
    [[nodiscard]] std::size_t units_of(std::size_t pages) const noexcept {
        return (pages + pages_a_unit - 1) / pages_a_unit;
    }

    const Mapping* mapping;
    std::size_t pages_a_unit;
    HeapRoot* root = nullptr;
    std::span<HeapLine> lines;
    std::span<AtomicUnitWord> words;
    std::span<SlabBits> bits;
    std::span<std::byte> units;
};

}  // namespace pinfold::shm::detail

#pragma once

// The blocks that a party holds. A block lies in a hand before it is taken, and leaves it once it
// is named as being freed: so at no step is one lost. What its burial then makes of a hand whose
// block was not taken yet, or is named as well, see burial.cpp.

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "heap/heap_memory.hpp"

namespace pinfold::shm::detail {

inline void hold(HeapLine& line, std::uint64_t offset) noexcept {
    const std::uint32_t held = line.held.load(std::memory_order_relaxed);
    line.hands[held].store(offset, std::memory_order_relaxed);
    // Release, as all stores of a line: what a death leaves is what the order of the source says.
    line.held.store(held + 1, std::memory_order_release);
}

/// Takes a block out of the hands, wherever it lies in them, and as often.
inline void let_go(HeapLine& line, std::uint64_t offset) noexcept {
    std::uint32_t held = line.held.load(std::memory_order_relaxed);
    for (std::uint32_t hand = held; hand-- > 0;) {
        if (line.hands[hand].load(std::memory_order_relaxed) == offset) {
            // A death between the two leaves the last block in two hands.
            line.hands[hand].store(line.hands[held - 1].load(std::memory_order_relaxed),
                                   std::memory_order_release);
            line.held.store(--held, std::memory_order_release);
        }
    }
}

[[nodiscard]] inline bool is_in_hand(const HeapLine& line, std::uint64_t offset) noexcept {
    for (std::uint32_t hand = line.held.load(std::memory_order_relaxed); hand-- > 0;) {
        if (line.hands[hand].load(std::memory_order_relaxed) == offset) {
            return true;
        }
    }
    return false;
}

}  // namespace pinfold::shm::detail

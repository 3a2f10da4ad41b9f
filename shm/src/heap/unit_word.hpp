#pragma once

// The truth about one unit of a heap: a 64-bit word, moved from state to state by compare-and-swap,
// or by a store of the one party that may.
//
//      ┌───────── free ◄──────────────────────────────┐
//      ▼           ▲                                  │
//   claimed ──► open ◄──► resting ──► closing ────────┤   a slab: many small blocks
//      │                     ▲───────────┘            │
//      ├──► run ──► emptying ──► emptied ─────────────┤   a run: one block of this unit and
//      │      └──────► freed ─────────────────────────┤        `tail`s behind it
//      └──► tail ─────────────────────────────────────┘
//
// An open slab is the one from which its owner takes blocks: only there are bits set. Whoever finds
// a resting one empty closes it. A word of zeros is a free unit that was never used.

#include <atomic>
#include <cstdint>
#include <type_traits>

namespace pinfold::shm::detail {

enum class UnitKind : std::uint8_t {
    free,      // detail: how many of its pages are in memory, from the first
    claimed,   // by `party`, not in use yet; detail as before
    run,       // the first unit of a block of `rest` pages that `party` took; detail as before
    tail,      // a later unit of the run whose first unit is `rest`; detail as before
    emptying,  // a run: `party` frees it, and its pages go back to the system
    emptied,   // a run: `party` frees it, and its pages are gone
    freed,     // a run: `party` frees it, and its pages stay
    open,      // a slab of blocks of the class `detail`; `party` takes from it
    resting,   // such a slab, from which nothing is taken
    closing,   // such a slab, and the party `rest` looks whether it is empty
};

struct alignas(8) UnitWord {
    UnitKind kind = UnitKind::free;
    std::uint8_t detail = 0;
    std::uint16_t party = 0;
    std::uint32_t rest = 0;

    friend constexpr bool operator==(const UnitWord&, const UnitWord&) noexcept = default;
};

using AtomicUnitWord = std::atomic<UnitWord>;
static_assert(AtomicUnitWord::is_always_lock_free, "a lock would die with its holder");
static_assert(std::has_unique_object_representations_v<UnitWord>, "it is compared by its bytes");

}  // namespace pinfold::shm::detail

// A burial goes through what the dead party's line names, in this order:
//
//   closing   a slab: look at it in the dead party's stead
//   freeing   a block: out of the hands, and freed, unless the dead party had come so far
//   taking    units: freed, unless they are in use already; then the hands or the slabs have them
//   hands     blocks: freed, or left to those who can reach them
//   open      slabs: left to rest, for the successor
//
// The slabs come last: while the newest block's slab is open nobody else takes it, so that a hand
// whose block was not taken yet means no block of others. Each name is erased once it is settled,
// so a burial may be cut off at any step and begun anew.

#include "heap/hands.hpp"
#include "heap/heap_impl.hpp"
#include "reached_heap_step.hpp"

namespace pinfold::shm {

using detail::HeapLine;
using detail::HeapStep;
using detail::UnitKind;
using detail::UnitWord;

void Heap::Impl::bury(PartyNumber party, bool is_published) noexcept {
    HeapLine& line = memory.lines[party];
    presence.forget(party);
    slabs.finish_closing(party);
    detail::reached(HeapStep::buried_closing);
    bury_freeing(party);
    detail::reached(HeapStep::buried_freeing);
    bury_taking(party);
    detail::reached(HeapStep::buried_taking);
    if (is_published) {
        line.held.store(0, std::memory_order_release);
    }
    while (const std::uint32_t held = line.held.load(std::memory_order_relaxed)) {
        line.freeing.store(line.hands[held - 1].load(std::memory_order_relaxed) + 1,
                           std::memory_order_release);
        bury_freeing(party);
    }
    slabs.rest_all(party);
    detail::reached(HeapStep::buried_slabs);
}

/// Completes the free that the line names, from wherever it stopped. While it is named nobody takes
/// the block anew, so what is alive there is what was to be freed.
void Heap::Impl::bury_freeing(PartyNumber party) noexcept {
    HeapLine& line = memory.lines[party];
    const std::uint64_t freeing = line.freeing.load(std::memory_order_relaxed);
    if (freeing == 0) {
        return;
    }
    const std::uint64_t offset = freeing - 1;
    detail::let_go(line, offset);
    const std::size_t unit = offset / detail::unit_bytes;
    if (is_alive(offset)) {
        free_named(party, offset);
    } else if (is_freed_by(party, unit)) {
        units.go_on_freeing(unit);
    } else {
        // It is freed, but perhaps nobody has looked whether it was its slab's last block.
        slabs.close_if_empty(party, unit);
    }
    line.freeing.store(0, std::memory_order_release);
    detail::reached(HeapStep::forgot_freeing);
}

/// A run that the party had taken from others' sight, and not freed to its end.
bool Heap::Impl::is_freed_by(PartyNumber party, std::size_t unit) const noexcept {
    const UnitWord word = memory.words[unit].load(std::memory_order_acquire);
    return (word.kind == UnitKind::emptying || word.kind == UnitKind::emptied ||
            word.kind == UnitKind::freed) &&
           word.party == party;
}

/// Undoes a claim that came to nothing. A run that was about to be published is in a hand already.
void Heap::Impl::bury_taking(PartyNumber party) noexcept {
    HeapLine& line = memory.lines[party];
    const detail::UnitRange taking = line.taking.load(std::memory_order_relaxed);
    if (taking.count == 0) {
        return;
    }
    const UnitWord first = memory.words[taking.first].load(std::memory_order_acquire);
    if (first.kind == UnitKind::claimed && first.party == party) {
        detail::let_go(line, std::uint64_t{taking.first} * detail::unit_bytes);
    }
    units.undo_taking(party);
}

}  // namespace pinfold::shm

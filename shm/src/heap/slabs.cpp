// A slab's way: opened by its owner, who alone sets bits and only while it is open; left to rest
// when it is full; opened again when it has room; closed by whoever finds it empty.
//
// Why no free block is taken while its name still stands in the line of whoever freed it: a burial
// that finds the name could not tell whether the bit is the old block's, not yet cleared, or a new
// one's. Whoever frees names the block and then clears the bit, and the owner sees the bit clear
// and then reads the names: so it sees the name, or the store that came after the bit's.
//
// Why no empty slab is forgotten: the owner lets it rest and then looks at the bits; whoever frees
// clears a bit and then looks whether it rests. All four are sequentially consistent, so at least
// one of the two finds it resting and empty.

#include "heap/slabs.hpp"

#include <algorithm>
#include <bit>

#include "heap/hands.hpp"
#include "reached_heap_step.hpp"

namespace pinfold::shm::detail {
namespace {

constexpr std::size_t words_of(std::size_t size_class) noexcept {
    return (blocks_of(size_class) + 63) / 64;
}

/// The bits of such a word that stand for blocks.
constexpr std::uint64_t blocks_in(std::size_t word, std::size_t size_class) noexcept {
    const std::size_t blocks = blocks_of(size_class) - word * 64;
    return blocks >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << blocks) - 1;
}

bool is_slab(UnitWord word) noexcept {
    return word.kind == UnitKind::open || word.kind == UnitKind::resting ||
           word.kind == UnitKind::closing;
}

UnitWord slab_word(UnitKind kind, PartyNumber owner, std::size_t size_class) noexcept {
    return {kind, static_cast<std::uint8_t>(size_class), static_cast<std::uint16_t>(owner), 0};
}

/// Where a block's bit is.
struct Place {
    Place(UnitWord slab, std::uint64_t offset) noexcept
        : in_unit(static_cast<std::uint32_t>(offset % unit_bytes)),
          index(in_unit / class_bytes[slab.detail]),
          word(index / 64),
          bit(std::uint64_t{1} << index % 64) {}

    std::uint32_t in_unit;
    std::uint32_t index;
    std::uint32_t word;
    std::uint64_t bit;
};

}  // namespace

std::optional<std::uint64_t> Slabs::take(PartyNumber party, std::size_t size_class) {
    Source& source = own_[party].sources[size_class];
    if (source.blocks == 0 && !refill(party, size_class)) {
        return std::nullopt;
    }
    const auto bit = static_cast<std::uint32_t>(std::countr_zero(source.blocks));
    const std::uint64_t index = source.word * 64 + bit;
    const std::size_t unit = source.slab - 1;
    const std::uint64_t offset = unit * unit_bytes + index * class_bytes[size_class];
    source.blocks &= source.blocks - 1;
    if (party != host_party) {
        hold(memory_.lines[party], offset);
    }
    reached(HeapStep::took_in_hand);
    // Acquire pairs with the release of whoever freed the block; release keeps the hand before it.
    memory_.bits[unit].words[source.word].fetch_or(std::uint64_t{1} << bit,
                                                   std::memory_order_acq_rel);
    reached(HeapStep::took_block);
    return offset;
}

bool Slabs::refill(PartyNumber party, std::size_t size_class) {
    Search& search = own_[party].slabs;
    Source& source = own_[party].sources[size_class];
    if (source.slab != 0) {
        if (find_in_slab(source, size_class)) {
            return true;
        }
        rest(party, size_class, source.slab - 1);
        source = {};
    }
    if (reopen(party, size_class, search.reach())) {
        search.found();
        return true;
    }
    search.found_nothing();
    try {
        if (open_new(party, size_class)) {
            return true;
        }
    } catch (const Shortage&) {
        if (!reopen(party, size_class, memory_.words.size())) {
            throw;
        }
        return true;
    }
    return reopen(party, size_class, memory_.words.size());
}

/// Looks at all words of the source's slab, from the next one on.
bool Slabs::find_in_slab(Source& source, std::size_t size_class) const noexcept {
    const auto words = static_cast<std::uint32_t>(words_of(size_class));
    for (std::uint32_t look = 0; look < words; ++look) {
        source.word = source.word + 1 < words ? source.word + 1 : 0;
        source.blocks = free_blocks(source.slab - 1, source.word, size_class);
        if (source.blocks != 0) {
            return true;
        }
    }
    return false;
}

/// The blocks of a word that may be taken: free, and named by nobody as being freed.
std::uint64_t Slabs::free_blocks(std::size_t unit, std::size_t word,
                                 std::size_t size_class) const noexcept {
    // Acquire pairs with the release of whoever cleared a bit, see above.
    std::uint64_t blocks = ~memory_.bits[unit].words[word].load(std::memory_order_acquire) &
                           blocks_in(word, size_class);
    if (blocks == 0) {
        return 0;
    }
    for (const HeapLine& line : memory_.lines) {
        const std::uint64_t freeing = line.freeing.load(std::memory_order_acquire);
        if (freeing != 0 && (freeing - 1) / unit_bytes == unit) {
            const Place named(slab_word(UnitKind::open, 0, size_class), freeing - 1);
            blocks &= named.word == word ? ~named.bit : ~std::uint64_t{0};
        }
    }
    return blocks;
}

/// Finds a resting slab of the party's with room, within `reach` looks at units.
bool Slabs::reopen(PartyNumber party, std::size_t size_class, std::size_t reach) noexcept {
    Search& search = own_[party].slabs;
    const auto top = static_cast<std::size_t>(memory_.root->top.load(std::memory_order_acquire));
    const UnitWord wanted = slab_word(UnitKind::resting, party, size_class);
    for (std::size_t look = 0; look < std::min(reach, top); ++look) {
        const std::size_t unit = search.at < top ? search.at : 0;
        search.at = unit + 1;
        if (memory_.words[unit].load(std::memory_order_relaxed) != wanted) {
            continue;
        }
        Source found{.slab = static_cast<std::uint32_t>(unit + 1)};
        if (!find_in_slab(found, size_class)) {
            continue;
        }
        use(party, size_class, unit);
        UnitWord word = wanted;
        if (memory_.words[unit].compare_exchange_strong(
                word, slab_word(UnitKind::open, party, size_class), std::memory_order_acq_rel)) {
            reached(HeapStep::opened);
            // What was free before is free still: nobody else takes blocks of the party's slabs.
            own_[party].sources[size_class] = found;
            return true;
        }
    }
    return false;
}

bool Slabs::open_new(PartyNumber party, std::size_t size_class) {
    const std::optional<std::size_t> unit = units_.take(party, 1);
    if (!unit) {
        return false;
    }
    const std::size_t pages = memory_.pages_a_unit;
    const std::size_t missing = pages - std::min(units_.present(*unit), pages);
    if (missing != 0) {
        const auto part = memory_.bytes_of(*unit, 1);
        try {
            presence_.bring_in(party, part, missing * (unit_bytes / pages));
        } catch (...) {
            units_.undo_taking(party);
            throw;
        }
    }
    reached(HeapStep::brought_in);
    use(party, size_class, *unit);
    memory_.words[*unit].store(slab_word(UnitKind::open, party, size_class),
                               std::memory_order_release);
    reached(HeapStep::opened);
    units_.end_taking(party);
    own_[party].sources[size_class] = {.blocks = blocks_in(0, size_class),
                                       .slab = static_cast<std::uint32_t>(*unit + 1)};
    return true;
}

/// Names the slab as the one from which the party takes, before it is open.
void Slabs::use(PartyNumber party, std::size_t size_class, std::size_t unit) noexcept {
    memory_.lines[party].open[size_class].store(static_cast<std::uint32_t>(unit + 1),
                                                std::memory_order_release);
    reached(HeapStep::named_open);
}

void Slabs::rest(PartyNumber party, std::size_t size_class, std::size_t unit) noexcept {
    memory_.words[unit].store(slab_word(UnitKind::resting, party, size_class),
                              std::memory_order_seq_cst);
    reached(HeapStep::rested);
    close_if_empty(party, unit);
    memory_.lines[party].open[size_class].store(0, std::memory_order_release);
}

void Slabs::rest_all(PartyNumber party) noexcept {
    for (std::size_t size_class = 0; size_class < size_classes; ++size_class) {
        const std::uint32_t slab = memory_.lines[party].open[size_class].load();
        if (slab == 0) {
            continue;
        }
        const UnitWord open = slab_word(UnitKind::open, party, size_class);
        if (memory_.words[slab - 1].load(std::memory_order_acquire) == open) {
            rest(party, size_class, slab - 1);
        } else {
            // It may rest already, without a look whether it is empty.
            close_if_empty(party, slab - 1);
        }
        memory_.lines[party].open[size_class].store(0, std::memory_order_release);
    }
    // Only what was used is written: most parties never were, and have no memory here.
    for (Source& source : own_[party].sources) {
        if (source.slab != 0) {
            source = {};
        }
    }
}

bool Slabs::is_taken(UnitWord word, std::uint64_t offset) const noexcept {
    if (!is_slab(word)) {
        return false;
    }
    const Place place(word, offset);
    return place.in_unit % class_bytes[word.detail] == 0 && place.index < blocks_of(word.detail) &&
           (memory_.bits[offset / unit_bytes].words[place.word].load(std::memory_order_acquire) &
            place.bit) != 0;
}

bool Slabs::free(PartyNumber party, UnitWord word, std::uint64_t offset) noexcept {
    const Place place(word, offset);
    const std::size_t unit = offset / unit_bytes;
    const std::uint64_t before =
        memory_.bits[unit].words[place.word].fetch_and(~place.bit, std::memory_order_seq_cst);
    reached(HeapStep::cleared_bit);
    if (before == place.bit) {
        close_if_empty(party, unit);
    }
    return (before & place.bit) != 0;
}

void Slabs::close_if_empty(PartyNumber party, std::size_t unit) noexcept {
    std::atomic<std::uint32_t>& name = memory_.lines[party].closing;
    UnitWord word = memory_.words[unit].load(std::memory_order_seq_cst);
    while (word.kind == UnitKind::resting && memory_.bits[unit].are_zero()) {
        if (party != host_party) {
            name.store(static_cast<std::uint32_t>(unit + 1), std::memory_order_release);
        }
        reached(HeapStep::named_closing);
        UnitWord closing = word;
        closing.kind = UnitKind::closing;
        closing.rest = party;
        if (memory_.words[unit].compare_exchange_strong(word, closing)) {
            reached(HeapStep::began_to_close);
            finish_closing(unit, closing);
            word = memory_.words[unit].load(std::memory_order_seq_cst);
        }
        if (party != host_party) {
            name.store(0, std::memory_order_release);
        }
    }
}

/// While it is closing nobody opens it: the bits say the truth.
void Slabs::finish_closing(std::size_t unit, UnitWord closing) noexcept {
    UnitWord next = closing;
    if (memory_.bits[unit].are_zero()) {
        next = {UnitKind::free, static_cast<std::uint8_t>(memory_.pages_a_unit), 0, 0};
    } else {
        next.kind = UnitKind::resting;
        next.rest = 0;
    }
    memory_.words[unit].store(next, std::memory_order_seq_cst);
    reached(HeapStep::closed);
}

void Slabs::finish_closing(PartyNumber party) noexcept {
    std::atomic<std::uint32_t>& name = memory_.lines[party].closing;
    const std::uint32_t named = name.load(std::memory_order_relaxed);
    if (named == 0) {
        return;
    }
    const std::size_t unit = named - 1;
    const UnitWord word = memory_.words[unit].load(std::memory_order_acquire);
    if (word.kind == UnitKind::closing && word.rest == party) {
        finish_closing(unit, word);
    }
    // Whether it was to be closed and the dead party had not begun, or had found it in use.
    close_if_empty(party, unit);
    name.store(0, std::memory_order_release);
}

std::size_t Slabs::used_bytes(UnitWord word, std::size_t unit) const noexcept {
    if (!is_slab(word)) {
        return 0;
    }
    std::size_t blocks = 0;
    for (const std::atomic<std::uint64_t>& bits : memory_.bits[unit].words) {
        blocks += static_cast<std::size_t>(std::popcount(bits.load(std::memory_order_relaxed)));
    }
    return blocks * class_bytes[word.detail];
}

}  // namespace pinfold::shm::detail

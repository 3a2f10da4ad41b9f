// Claiming and freeing. What a death leaves is found by one rule each:
//
//   - a range is named in its party's line before the first of its words is claimed, and each word
//     says who claimed it, so a burial undoes exactly what the dead party did;
//   - a block is named before it is freed, and while any line names it nobody takes it anew: so if
//     a burial finds that block alive, it is the one that was to be freed and no later one;
//   - a run's first unit is freed last, and its tails name it, so a burial that goes on with a run
//     frees no unit that has become somebody else's meanwhile.

#include "heap/units.hpp"

#include <algorithm>

#include "heap/hands.hpp"
#include "heap/presence.hpp"
#include "mapping.hpp"
#include "pages.hpp"
#include "reached_heap_step.hpp"

namespace pinfold::shm::detail {
namespace {

// From here on the memory of a run goes back to the system at once. Fresh pages cost ten times as
// much as old ones, so that of smaller ones stays (see arena.cpp).
constexpr std::size_t large_bytes = std::size_t{1} << 20;

// Units whose words and bits are brought in together: 17 KiB beside 8 MiB of blocks.
constexpr std::size_t prepared_units = 128;

UnitWord free_word(std::size_t present) noexcept {
    return {UnitKind::free, static_cast<std::uint8_t>(present), 0, 0};
}

void raise(std::atomic<std::uint64_t>& mark, std::uint64_t to) noexcept {
    std::uint64_t now = mark.load(std::memory_order_relaxed);
    while (now < to && !mark.compare_exchange_weak(now, to, std::memory_order_acq_rel)) {
    }
}

}  // namespace

std::optional<std::size_t> Units::take(PartyNumber party, std::size_t count) {
    const auto top = static_cast<std::size_t>(memory_.root->top.load(std::memory_order_acquire));
    Search& search = own_[party].units;
    const auto found =
        count == 1 ? take_one(party, top) : take_below(party, count, top, search.reach());
    if (found) {
        search.found();
        return found;
    }
    search.found_nothing();
    const auto at_top = take_at_top(party, count);
    return at_top ? at_top : take_below(party, count, memory_.words.size(), memory_.words.size());
}

/// A unit below `end`, if possible one that is in memory.
std::optional<std::size_t> Units::take_one(PartyNumber party, std::size_t end) {
    Search& search = own_[party].units;
    std::optional<std::size_t> other;
    for (std::size_t look = 0; look < std::min(search.reach(), end); ++look) {
        const std::size_t unit = search.at < end ? search.at : 0;
        search.at = unit + 1;
        const UnitWord word = memory_.words[unit].load(std::memory_order_relaxed);
        if (word.kind != UnitKind::free) {
            continue;
        }
        if (word.detail != 0 && !claim(party, {static_cast<std::uint32_t>(unit), 1})) {
            return unit;
        }
        other = other ? other : unit;
    }
    if (other && !claim(party, {static_cast<std::uint32_t>(*other), 1})) {
        return other;
    }
    return std::nullopt;
}

/// So many units side by side below `end`, found within about `reach` looks.
std::optional<std::size_t> Units::take_below(PartyNumber party, std::size_t count, std::size_t end,
                                             std::size_t reach) {
    std::size_t& at = own_[party].units.at;
    for (std::size_t looks = 0; looks < std::min(reach, end);) {
        if (at + count > end) {
            looks += end - std::min(at, end) + 1;
            at = 0;
            continue;
        }
        const std::size_t first = at;
        std::size_t unit = first;
        while (unit < first + count && is_free(unit)) {
            ++unit;
        }
        if (unit == first + count) {
            const UnitRange range{static_cast<std::uint32_t>(first),
                                  static_cast<std::uint32_t>(count)};
            const auto conflict = claim(party, range);
            if (!conflict) {
                raise_top(first + count);
                at = first + count;
                return first;
            }
            unit = *conflict;
        }
        looks += unit + 1 - first;
        at = unit + 1;
    }
    return std::nullopt;
}

/// So many units that were never in use. Of several parties that meet here, the one that is
/// furthest gets what it claims.
std::optional<std::size_t> Units::take_at_top(PartyNumber party, std::size_t count) {
    auto first = static_cast<std::size_t>(memory_.root->top.load(std::memory_order_acquire));
    while (count <= memory_.words.size() && first <= memory_.words.size() - count) {
        const auto conflict =
            claim(party, {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(count)});
        if (!conflict) {
            raise_top(first + count);
            return first;
        }
        first = *conflict + 1;
    }
    return std::nullopt;
}

/// Claims all of the range, or nothing of it; then it returns a unit that stood in the way.
std::optional<std::size_t> Units::claim(PartyNumber party, UnitRange range) {
    prepare(range.first + range.count);
    // Before the first claim: the exchange in claim_one() is a release, which this stays before.
    memory_.lines[party].taking.store(range, std::memory_order_release);
    reached(HeapStep::named_taking);
    for (std::uint32_t i = 0; i < range.count; ++i) {
        if (!claim_one(party, range.first + i)) {
            release(party, {range.first, i});
            return range.first + i;
        }
        reached(HeapStep::claimed_one);
    }
    reached(HeapStep::claimed);
    const auto named = named_in(range);
    if (named) {
        release(party, range);
        return named;
    }
    reached(HeapStep::looked_at_names);
    return std::nullopt;
}

bool Units::claim_one(PartyNumber party, std::size_t unit) noexcept {
    UnitWord word = memory_.words[unit].load(std::memory_order_relaxed);
    do {
        if (word.kind != UnitKind::free) {
            return false;
        }
        // Acquire pairs with the release of whoever freed it: its line's name is seen in
        // named_in(), or what came after it.
    } while (!memory_.words[unit].compare_exchange_weak(
        word, {UnitKind::claimed, word.detail, static_cast<std::uint16_t>(party), 0},
        std::memory_order_acq_rel, std::memory_order_relaxed));
    return true;
}

/// A unit of the range in which a block is still named as being freed.
std::optional<std::size_t> Units::named_in(UnitRange range) const noexcept {
    for (const HeapLine& line : memory_.lines) {
        const std::uint64_t freeing = line.freeing.load(std::memory_order_acquire);
        if (freeing != 0) {
            const std::size_t unit = (freeing - 1) / unit_bytes;
            if (unit >= range.first && unit - range.first < range.count) {
                return unit;
            }
        }
    }
    return std::nullopt;
}

/// Frees units of which nothing was brought in or written: those in the range that are claimed.
void Units::release(PartyNumber party, UnitRange range) noexcept {
    for (std::size_t unit = range.first + range.count; unit-- > range.first;) {
        const UnitWord word = memory_.words[unit].load(std::memory_order_relaxed);
        memory_.words[unit].store(free_word(word.detail), std::memory_order_release);
        reached(HeapStep::undid_one);
    }
    end_taking(party);
}

void Units::undo_taking(PartyNumber party) noexcept {
    const UnitRange range = memory_.lines[party].taking.load(std::memory_order_relaxed);
    const auto is_taken = [&](std::size_t unit) {
        return is_being_taken(memory_.words[unit].load(std::memory_order_acquire), party,
                              range.first);
    };
    // They are claimed from the first on, and freed from the last on.
    std::size_t end = range.first;
    while (end < range.first + range.count && is_taken(end)) {
        ++end;
    }
    const std::size_t count = end - range.first;
    const bool are_empty = memory_.mapping->discard(memory_.bytes_of(range.first, count));
    while (end-- > range.first) {
        const UnitWord word = memory_.words[end].load(std::memory_order_relaxed);
        memory_.words[end].store(free_word(are_empty ? 0 : std::size_t{word.detail}),
                                 std::memory_order_release);
        reached(HeapStep::undid_one);
    }
    end_taking(party);
}

void Units::end_taking(PartyNumber party) noexcept {
    memory_.lines[party].taking.store({}, std::memory_order_release);
}

void Units::raise_top(std::size_t end) noexcept {
    raise(memory_.root->top, end);
    reached(HeapStep::raised_top);
}

std::size_t Units::present(std::size_t unit) const noexcept {
    return memory_.words[unit].load(std::memory_order_relaxed).detail;
}

bool Units::is_free(std::size_t unit) const noexcept {
    return unit >= memory_.root->prepared.load(std::memory_order_acquire) ||
           memory_.words[unit].load(std::memory_order_relaxed).kind == UnitKind::free;
}

/// Brings in the words and the bits of the units below `end`. These are 1/480 of what they are for,
/// and needed_budget() counts them in.
void Units::prepare(std::size_t end) {
    const auto begin =
        static_cast<std::size_t>(memory_.root->prepared.load(std::memory_order_acquire));
    if (end <= begin) {
        return;
    }
    const std::size_t steps = (end + prepared_units - 1) / prepared_units;
    const std::size_t count = std::min(steps * prepared_units, memory_.words.size()) - begin;
    populate(memory_, std::as_writable_bytes(memory_.words.subspan(begin, count)));
    populate(memory_, std::as_writable_bytes(memory_.bits.subspan(begin, count)));
    raise(memory_.root->prepared, begin + count);
}

void Units::publish_run(PartyNumber party, std::size_t first, std::size_t pages) noexcept {
    const auto in_use = [&](std::size_t unit, UnitKind kind, std::size_t rest) {
        const std::size_t pages_before = (unit - first) * memory_.pages_a_unit;
        const std::size_t present =
            std::max(std::min(pages - pages_before, memory_.pages_a_unit), this->present(unit));
        return UnitWord{kind, static_cast<std::uint8_t>(present), static_cast<std::uint16_t>(party),
                        static_cast<std::uint32_t>(rest)};
    };
    for (std::size_t unit = first + memory_.units_of(pages); --unit > first;) {
        memory_.words[unit].store(in_use(unit, UnitKind::tail, first), std::memory_order_release);
    }
    reached(HeapStep::named_tails);
    if (party != host_party) {
        hold(memory_.lines[party], first * unit_bytes);
    }
    reached(HeapStep::took_in_hand);
    memory_.words[first].store(in_use(first, UnitKind::run, pages), std::memory_order_release);
    reached(HeapStep::published_run);
    end_taking(party);
}

bool Units::free_run(PartyNumber party, std::size_t first) noexcept {
    UnitWord word = memory_.words[first].load(std::memory_order_acquire);
    UnitWord freed;
    do {
        if (word.kind != UnitKind::run) {
            return false;
        }
        freed = {word.rest * page_bytes() < large_bytes ? UnitKind::freed : UnitKind::emptying,
                 word.detail, static_cast<std::uint16_t>(party), word.rest};
    } while (!memory_.words[first].compare_exchange_weak(word, freed, std::memory_order_acq_rel,
                                                         std::memory_order_acquire));
    reached(HeapStep::began_to_free_run);
    go_on_freeing(first);
    return true;
}

void Units::go_on_freeing(std::size_t first) noexcept {
    UnitWord head = memory_.words[first].load(std::memory_order_relaxed);
    const std::size_t count = memory_.units_of(head.rest);
    if (head.kind == UnitKind::emptying) {
        const bool is_empty = memory_.mapping->discard(memory_.bytes_of(first, count));
        head.kind = is_empty ? UnitKind::emptied : UnitKind::freed;
        // From here on tails may be others' again, so nobody may discard their pages.
        memory_.words[first].store(head, std::memory_order_release);
        reached(HeapStep::emptied_run);
    }
    const auto present = [&](UnitWord word) {
        return head.kind == UnitKind::emptied ? std::size_t{0} : std::size_t{word.detail};
    };
    for (std::size_t unit = first + count; --unit > first;) {
        UnitWord word = memory_.words[unit].load(std::memory_order_relaxed);
        if (word.kind == UnitKind::tail && word.rest == first) {
            memory_.words[unit].store(free_word(present(word)), std::memory_order_release);
            reached(HeapStep::freed_tail);
        }
    }
    memory_.words[first].store(free_word(present(head)), std::memory_order_release);
    reached(HeapStep::freed_run);
}

std::size_t Units::trim(PartyNumber party) noexcept {
    const auto top = static_cast<std::size_t>(memory_.root->top.load(std::memory_order_acquire));
    std::size_t pages = 0;
    for (std::size_t unit = 0; unit < top; ++unit) {
        const UnitWord word = memory_.words[unit].load(std::memory_order_relaxed);
        if (word.kind == UnitKind::free && word.detail != 0 &&
            !claim(party, {static_cast<std::uint32_t>(unit), 1})) {
            undo_taking(party);
            pages += present(unit) == 0 ? std::size_t{word.detail} : 0;
        }
    }
    return pages * page_bytes();
}

std::size_t Units::count_free() const noexcept {
    std::size_t count = 0;
    for (std::size_t unit = 0; unit < memory_.words.size(); ++unit) {
        count += is_free(unit) ? 1U : 0U;
    }
    return count;
}

}  // namespace pinfold::shm::detail

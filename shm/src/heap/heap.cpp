// A block's way: taken by a party, in whose line it stands as held; given over, or dropped; given
// back by any party. Up to 32 KiB it lies in a slab (slabs.cpp), beyond it is a run of units
// (units.cpp).
//
// Who may touch what. A line: its party, and whoever buries it. A unit's word: see unit_word.hpp. A
// slab's bits: its owner sets them while it is open, everybody clears. All else is private to each
// process, so what a successor does not find in lines, words and bits does not exist.
//
// What each death does, at any step:
//   - of a party that takes: the line names the units or holds the block, burial frees them;
//   - of a party that holds: burial frees what the line holds, unless it is published;
//   - of a party that frees: the line names the block, burial completes it;
//   - of a party that looks whether a slab is empty: the line names the slab, burial completes it;
//   - of whoever buries: all the same stands in the line until it is done, so another burial can
//     follow;
//   - of the host: the heap ends.

#include <algorithm>
#include <bit>
#include <cstdio>
#include <cstdlib>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/shareable.hpp>
#include <stdexcept>
#include <string>

#include "heap/hands.hpp"
#include "heap/heap_impl.hpp"
#include "pages.hpp"
#include "reached_heap_step.hpp"

namespace pinfold::shm {

using detail::HeapLine;
using detail::HeapStep;
using detail::UnitKind;
using detail::UnitWord;

HeapFull::HeapFull(std::size_t asked_bytes, std::size_t left_bytes, const char* limit) noexcept
    : asked_bytes_(asked_bytes), left_bytes_(left_bytes), text_{} {
    // The limit may be long: it is what gives way.
    static_cast<void>(std::snprintf(text_.data(), text_.size(),
                                    "the shared heap cannot give %zu bytes: %.150s leaves %zu",
                                    asked_bytes, limit, left_bytes));
}

void* Heap::Impl::allocate(PartyNumber party, std::size_t bytes, std::size_t alignment) {
    check(party, alignment);
    std::unique_lock lock(host_mutex, std::defer_lock);
    if (party == detail::host_party) {
        lock.lock();
    }
    try {
        return memory.units.data() + take(party, bytes, alignment);
    } catch (const detail::Shortage& shortage) {
        if (units.trim(party) == 0) {
            throw HeapFull(bytes, shortage.left, shortage.limit.c_str());
        }
    }
    try {
        return memory.units.data() + take(party, bytes, alignment);
    } catch (const detail::Shortage& shortage) {
        throw HeapFull(bytes, shortage.left, shortage.limit.c_str());
    }
}

void Heap::Impl::check(PartyNumber party, std::size_t alignment) const {
    if (party >= memory.lines.size()) {
        throw std::invalid_argument("a heap of " + std::to_string(memory.lines.size()) +
                                    " parties has no party " + std::to_string(party));
    }
    if (!std::has_single_bit(alignment) || alignment > largest_alignment) {
        throw std::invalid_argument("an alignment of " + std::to_string(alignment) +
                                    " is not a power of two up to " +
                                    std::to_string(largest_alignment));
    }
    if (memory.lines[party].held.load(std::memory_order_relaxed) == most_held) {
        throw std::logic_error("party " + std::to_string(party) + " holds " +
                               std::to_string(most_held) +
                               " blocks already: it gives them over before it takes more");
    }
}

/// The offset of a block. Throws HeapFull when there is no room for it, and Shortage when there is
/// no memory.
std::uint64_t Heap::Impl::take(PartyNumber party, std::size_t bytes, std::size_t alignment) {
    bytes = std::max<std::size_t>(bytes, 1);
    std::optional<std::uint64_t> offset;
    const std::size_t size_class = bytes > detail::largest_small_bytes
                                       ? detail::size_classes
                                       : detail::class_of(bytes, alignment);
    if (size_class < detail::size_classes) {
        offset = slabs.take(party, size_class);
    } else {
        offset = take_run(party, bytes);
    }
    if (!offset) {
        const std::size_t left = units.count_free() * detail::unit_bytes;
        throw HeapFull(bytes, left,
                       left < bytes ? "its reservation (arena_bytes)"
                                    : "its reservation (arena_bytes), in pieces,");
    }
    return *offset;
}

std::optional<std::uint64_t> Heap::Impl::take_run(PartyNumber party, std::size_t bytes) {
    if (bytes > memory.units.size()) {
        return std::nullopt;
    }
    const std::size_t pages = whole_pages(bytes) / page_bytes();
    const std::size_t count = memory.units_of(pages);
    const std::optional<std::size_t> first = units.take(party, count);
    if (!first) {
        return std::nullopt;
    }
    std::size_t missing = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t wanted = std::min(pages - i * memory.pages_a_unit, memory.pages_a_unit);
        missing += wanted - std::min(units.present(*first + i), wanted);
    }
    if (missing != 0) {
        try {
            presence.bring_in(party, memory.bytes_of(*first, count).first(pages * page_bytes()),
                              missing * page_bytes());
        } catch (...) {
            units.undo_taking(party);
            throw;
        }
    }
    detail::reached(HeapStep::brought_in);
    units.publish_run(party, *first, pages);
    return *first * detail::unit_bytes;
}

void Heap::Impl::drop_held(PartyNumber party) noexcept {
    const HeapLine& line = memory.lines[party];
    while (const std::uint32_t held = line.held.load(std::memory_order_relaxed)) {
        free(party, line.hands[held - 1].load(std::memory_order_relaxed));
    }
}

void Heap::Impl::deallocate(PartyNumber party, void* block) noexcept {
    if (!contains(block) || party >= memory.lines.size()) {
        std::abort();
    }
    const std::uint64_t offset = memory.offset_of(block);
    if (!is_alive(offset)) {
        std::abort();
    }
    free(party, offset);
}

bool Heap::Impl::is_alive(std::uint64_t offset) const noexcept {
    const std::size_t unit = offset / detail::unit_bytes;
    if (unit >= memory.root->top.load(std::memory_order_acquire)) {
        return false;
    }
    const UnitWord word = memory.words[unit].load(std::memory_order_acquire);
    if (word.kind == UnitKind::run) {
        return offset % detail::unit_bytes == 0;
    }
    return slabs.is_taken(word, offset);
}

void Heap::Impl::free(PartyNumber party, std::uint64_t offset) noexcept {
    HeapLine& line = memory.lines[party];
    if (party == detail::host_party) {
        free_named(party, offset);
        return;
    }
    line.freeing.store(offset + 1, std::memory_order_release);
    detail::reached(HeapStep::named_freeing);
    detail::let_go(line, offset);
    detail::reached(HeapStep::left_hand);
    free_named(party, offset);
    line.freeing.store(0, std::memory_order_release);
    detail::reached(HeapStep::forgot_freeing);
}

void Heap::Impl::free_named(PartyNumber party, std::uint64_t offset) noexcept {
    const std::size_t unit = offset / detail::unit_bytes;
    const UnitWord word = memory.words[unit].load(std::memory_order_acquire);
    const bool was_alive =
        word.kind == UnitKind::run ? units.free_run(party, unit) : slabs.free(party, word, offset);
    if (!was_alive) {
        std::abort();  // two gave it back at the same time
    }
}

bool Heap::Impl::contains(const void* data) const noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(data);
    const auto begin = reinterpret_cast<std::uintptr_t>(memory.units.data());
    return at >= begin && at - begin < memory.units.size();
}

std::size_t Heap::Impl::used_bytes() const noexcept {
    const auto top = static_cast<std::size_t>(memory.root->top.load(std::memory_order_acquire));
    std::size_t bytes = 0;
    for (std::size_t unit = 0; unit < top; ++unit) {
        const UnitWord word = memory.words[unit].load(std::memory_order_acquire);
        bytes +=
            word.kind == UnitKind::run ? word.rest * page_bytes() : slabs.used_bytes(word, unit);
    }
    return bytes;
}

std::size_t Heap::Impl::trim() {
    const std::lock_guard lock(host_mutex);
    return units.trim(detail::host_party);
}

Heap::Heap(std::unique_ptr<Impl> impl) noexcept : impl_(std::move(impl)) {}

Heap::~Heap() = default;

void* Heap::allocate(PartyNumber party, std::size_t bytes, std::size_t alignment) {
    return impl_->allocate(party, bytes, alignment);
}

void Heap::give_over(PartyNumber party) noexcept {
    // Release: what the party published stays before it, so a burial that finds nothing held finds
    // that published.
    impl_->memory.lines[party].held.store(0, std::memory_order_release);
    detail::reached(HeapStep::gave_over);
}

void Heap::give_over(PartyNumber party, void* block) noexcept {
    detail::let_go(impl_->memory.lines[party], impl_->memory.offset_of(block));
    detail::reached(HeapStep::gave_over);
}

void Heap::hold(PartyNumber party, void* block) noexcept {
    HeapLine& line = impl_->memory.lines[party];
    if (!impl_->contains(block) || line.held.load(std::memory_order_relaxed) == most_held) {
        std::abort();
    }
    if (party != detail::host_party) {
        detail::hold(line, impl_->memory.offset_of(block));
        detail::reached(HeapStep::took_in_hand);
    }
}

bool Heap::holds(PartyNumber party, const void* block) const noexcept {
    return detail::is_in_hand(impl_->memory.lines[party], impl_->memory.offset_of(block));
}

void Heap::drop_held(PartyNumber party) noexcept {
    impl_->drop_held(party);
}

void Heap::deallocate(PartyNumber party, void* block) noexcept {
    if (block != nullptr) {
        impl_->deallocate(party, block);
    }
}

void Heap::bury(PartyNumber party, bool is_published) noexcept {
    impl_->bury(party, is_published);
}

std::size_t Heap::used_bytes() const noexcept {
    return impl_->used_bytes();
}

std::size_t Heap::reserved_bytes() const noexcept {
    return impl_->memory.units.size();
}

std::size_t Heap::parties() const noexcept {
    return impl_->memory.lines.size();
}

}  // namespace pinfold::shm

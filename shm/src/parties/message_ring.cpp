// Who may write what. A slot's word: whoever claims it, from free or full, by an exchange; then the
// thread that the word names, and in a dead one's place its burial. A slot's message: that thread.
// The hints: everybody, by plain stores. They may be old, but what they say was true once, and
// stays so: all before the tail were claimed, all before the head are settled.
//
// Why a ring that is found closed and empty stays so. A writer claims its slot, and looks whether
// the ring is closed after that; a reader looks at that first, and then at the slots. So either the
// reader sees the claim, and waits for what comes of it, or the writer sees that it is closed.

#include <new>
#include <optional>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <stdexcept>
#include <string>

#include "parties/heap_turn.hpp"
#include "parties/membership.hpp"
#include "parties/named_sleep.hpp"
#include "parties/ring_slot.hpp"
#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

using detail::HeapTurn;
using detail::laps_between;
using detail::Name;
using detail::NamedSleep;
using detail::NameKind;
using detail::PartyStep;
using detail::RingPosition;
using detail::RingSlot;
using detail::Seat;
using detail::SlotKind;
using detail::SlotWord;

namespace {

// How often a waiter looks before it sleeps: some microseconds, about what a sleep costs.
constexpr int looks = 200;

std::size_t slot_bytes_for(std::size_t message_bytes) noexcept {
    return (sizeof(RingSlot) + message_bytes + cache_line - 1) / cache_line * cache_line;
}

SlotWord load(const RingSlot& slot) noexcept {
    return SlotWord::unpack(slot.word.load(std::memory_order_seq_cst));
}

/// By whoever has the slot.
void store(RingSlot& slot, const SlotWord& word) noexcept {
    slot.word.store(word.pack(), std::memory_order_release);
}

bool change(RingSlot& slot, const SlotWord& from, const SlotWord& to) noexcept {
    std::uint64_t seen = from.pack();
    return slot.word.compare_exchange_strong(seen, to.pack(), std::memory_order_seq_cst);
}

RingMessage& long_message(RingSlot& slot) noexcept {
    return *reinterpret_cast<RingMessage*>(slot.message());
}

}  // namespace

std::size_t MessageRing::bytes_for(std::size_t slots, std::size_t message_bytes) {
    if (slots == 0 || slots > most_slots) {
        throw std::invalid_argument("a capacity of " + std::to_string(slots) +
                                    " messages is not 1 to " + std::to_string(most_slots));
    }
    const std::size_t slot_bytes = slot_bytes_for(message_bytes);
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(slots, slot_bytes, &bytes) ||
        __builtin_add_overflow(bytes, sizeof(MessageRing), &bytes)) {
        throw std::bad_alloc();
    }
    return bytes;
}

void MessageRing::prepare(std::size_t slots, std::size_t message_bytes, bool may_be_long) noexcept {
    slot_bytes_ = slot_bytes_for(message_bytes);
    may_be_long_ = may_be_long;
    slots_ = static_cast<std::uint32_t>(slots);
    for (std::uint32_t index = 0; index < slots_; ++index) {
        new (&slot_at(index)) RingSlot();
    }
}

RingSlot& MessageRing::slot_at(std::uint32_t index) const noexcept {
    // The slots lie behind the ring, in the same shared memory, and are nobody's constants.
    const auto* const first = reinterpret_cast<const std::byte*>(this + 1);
    return *reinterpret_cast<RingSlot*>(const_cast<std::byte*>(first + index * slot_bytes_));
}

RingPosition MessageRing::next(RingPosition position) const noexcept {
    return position.index() + 1 == slots_ ? RingPosition::of(position.lap() + 1, 0)
                                          : RingPosition{position.value + 1};
}

/// Behind the last claim that the slot tells of: since slots are claimed in their order, all before
/// it were claimed too.
RingPosition MessageRing::next_to_write(RingPosition position,
                                        const SlotWord& word) const noexcept {
    const auto laps = static_cast<std::uint64_t>(laps_between(word.lap, position.lap()));
    const std::uint64_t claimed = position.lap() + laps - (word.kind == SlotKind::free ? 1 : 0);
    return next(RingPosition::of(claimed, position.index()));
}

/// Behind a message that is settled. And what lies more than a lap before that last claim is
/// settled too.
RingPosition MessageRing::next_to_read(RingPosition position, const SlotWord& word) const noexcept {
    const RingPosition claimed = next_to_write(position, word);
    const RingPosition a_lap_before = RingPosition::of(claimed.lap() - 1, claimed.index());
    const RingPosition following = next(position);
    return following.is_before(a_lap_before) ? a_lap_before : following;
}

void MessageRing::fill(Claim& claim, Seat& seat, RingPosition position,
                       std::uint64_t head) const noexcept {
    claim.slot = position.index();
    claim.owner = seat.token();
    claim.seat = &seat;
    claim.message = slot_at(position.index()).message();
    claim.head = head;
}

/// The block that the slot names, or nullptr. For whoever has the slot.
std::byte* MessageRing::block_of(RingSlot& slot) const noexcept {
    const SlotKind kind = load(slot).kind;
    if (!may_be_long_ || kind == SlotKind::free || kind == SlotKind::writing) {
        return nullptr;
    }
    const RingMessage& message = long_message(slot);
    // A block is there before its message is.
    return kind == SlotKind::handing || message.has_block() ? message.block : nullptr;
}

MessageRing::Answer MessageRing::refusal(State state) const noexcept {
    return state == State::ended ? Answer::no_more : Answer::no_closed;
}

template <typename Look>
MessageRing::Answer MessageRing::look_and_wait(Roster& roster, Until until, Doorbell& bell,
                                               Look look) {
    Seat& seat = detail::seat_in(roster);
    if (!seat.note(Name(NameKind::ring, this))) {
        return Answer::no_room;
    }
    detail::reached(PartyStep::named);
    Answer answer = look(seat);
    if (answer == Answer::no_time && until != at_once) {
        answer = wait_for(roster, seat, until, bell, look);
    }
    if (answer != Answer::yes) {
        seat.forget(Name(NameKind::ring, this));
        detail::reached(PartyStep::forgot);
    }
    return answer;
}

template <typename Look>
MessageRing::Answer MessageRing::wait_for(Roster& roster, Seat& seat, Until until, Doorbell& bell,
                                          Look look) {
    for (int each = 0; each < looks; ++each) {
        detail::relax(1);
        const Answer answer = look(seat);
        if (answer != Answer::no_time) {
            return answer;
        }
    }
    NamedSleep sleep(roster, seat, bell);
    do {
        sleep.prepare();
        const Answer answer = look(seat);
        if (answer != Answer::no_time) {
            return answer;
        }
        if (sleep.is_broken()) {
            return Answer::no_broken;
        }
    } while (sleep.wait(until));
    return Answer::no_time;
}

/// Slots become free in any order, and are taken in theirs. So a writer that was woken for a slot
/// may have gone back to sleep, until the one before it is free: whoever takes that wakes another.
void MessageRing::wake_next_writer(const Claim& claim) noexcept {
    const std::uint32_t behind = claim.slot + 1 == slots_ ? 0 : claim.slot + 1;
    if (load(slot_at(behind)).kind == SlotKind::free) {
        detail::wake_sleepers(not_full_.value, 1);
    }
}

MessageRing::Claim MessageRing::claim_to_write(Roster& roster, Until until) {
    Claim claim;
    bool has_waited = false;
    claim.answer = look_and_wait(roster, until, not_full_.value, [&](Seat& seat) {
        const Answer answer = try_to_write(seat, claim);
        has_waited = has_waited || answer == Answer::no_time;
        return answer;
    });
    if (claim.answer != Answer::yes) {
        return claim;
    }
    const State state = state_.load(std::memory_order_seq_cst);
    if (state != State::open) [[unlikely]] {
        undo(roster, claim);
        claim.answer = refusal(state);
    } else if (has_waited) {
        wake_next_writer(claim);
    }
    return claim;
}

MessageRing::Answer MessageRing::try_to_write(Seat& seat, Claim& claim) {
    const State state = state_.load(std::memory_order_seq_cst);
    if (state != State::open) {
        return refusal(state);
    }
    RingPosition position{tail_.value.load(std::memory_order_relaxed)};
    for (;;) {
        RingSlot& slot = slot_at(position.index());
        const SlotWord word = load(slot);
        const std::int64_t laps = laps_between(word.lap, position.lap());
        if (laps < 0) {
            return Answer::no_time;  // its message of the lap before is not settled
        }
        if (laps > 0 || word.kind != SlotKind::free) {
            position = next_to_write(position, word);
            continue;
        }
        seat.note_part(position.index());
        if (change(slot, word, {word.lap, SlotWord::owner_of(seat.token()), SlotKind::writing})) {
            detail::reached(PartyStep::claimed_to_write);
            tail_.value.store(next(position).value, std::memory_order_relaxed);
            fill(claim, seat, position, 0);
            return Answer::yes;
        }
    }
}

std::byte* MessageRing::take_block(Roster& roster, const Claim& claim, std::size_t bytes) {
    RingSlot& slot = slot_at(claim.slot);
    const HeapTurn heap(roster, *claim.seat);
    auto* const block = static_cast<std::byte*>(heap->allocate(heap.party(), bytes));
    detail::reached(PartyStep::took_block);
    SlotWord word = load(slot);
    long_message(slot).block = block;
    word.kind = SlotKind::handing;
    store(slot, word);
    detail::reached(PartyStep::named_block);
    heap->give_over(heap.party(), block);
    detail::reached(PartyStep::gave_block_over);
    return block;
}

void MessageRing::publish(Roster& roster, const Claim& claim) {
    Seat& seat = *claim.seat;
    RingSlot& slot = slot_at(claim.slot);
    store(slot, {load(slot).lap, detail::no_token, SlotKind::full});
    detail::reached(PartyStep::published);
    detail::wake_after_change(roster, not_empty_.value, 1);
    seat.forget(Name(NameKind::ring, this), claim.slot);
    detail::reached(PartyStep::forgot);
}

void MessageRing::undo(Roster& roster, const Claim& claim) {
    Seat& seat = *claim.seat;
    RingSlot& slot = slot_at(claim.slot);
    free_slot(roster, seat, slot);
    seat.forget(Name(NameKind::ring, this), claim.slot);
    detail::reached(PartyStep::forgot);
}

MessageRing::Claim MessageRing::claim_to_read(Roster& roster, Until until) {
    Claim claim;
    claim.answer = look_and_wait(roster, until, not_empty_.value,
                                 [&](Seat& seat) { return try_to_read(seat, claim); });
    return claim;
}

MessageRing::Answer MessageRing::try_to_read(Seat& seat, Claim& claim) {
    const State state = state_.load(std::memory_order_seq_cst);
    if (state == State::ended) {
        return Answer::no_more;
    }
    const RingPosition head{head_.value.load(std::memory_order_relaxed)};
    RingPosition position = head;
    std::optional<RingPosition> unsettled;  // the first
    std::optional<RingPosition> unwritten;  // the first
    bool may_come = false;                  // from another's hands
    for (;;) {
        RingSlot& slot = slot_at(position.index());
        const SlotWord word = load(slot);
        const std::int64_t laps = laps_between(word.lap, position.lap());
        if (laps > 0) {
            position = next_to_read(position, word);
        } else if (laps < 0 || word.kind == SlotKind::free) {
            return state == State::closed && !may_come ? Answer::no_closed : Answer::no_time;
        } else if (word.kind != SlotKind::full) {
            unsettled = unsettled.value_or(position);
            if (word.kind != SlotKind::reading) {
                unwritten = unwritten.value_or(position);
            }
            may_come = may_come || !word.is_of(seat.token());
            position = next(position);
        } else if (const RingPosition first = first_full(unwritten.value_or(position), position);
                   first != position) {
            position = first;
        } else {
            seat.note_part(position.index());
            if (change(slot, word,
                       {word.lap, SlotWord::owner_of(seat.token()), SlotKind::reading})) {
                break;
            }
        }
    }
    detail::reached(PartyStep::claimed_to_read);
    if (unsettled && head.is_before(*unsettled)) {
        head_.value.store(unsettled->value, std::memory_order_relaxed);
    }
    fill(claim, seat, position, unsettled ? 0 : next(position).value);
    return Answer::yes;
}

/// From the one position on, before the other, which is returned where there is none. A reader that
/// has passed over a slot while it was written looks again, when it has found a full one behind it:
/// both may be of one thread, which has written the first before the second.
RingPosition MessageRing::first_full(RingPosition from, RingPosition to) const noexcept {
    for (; from.is_before(to); from = next(from)) {
        const SlotWord word = load(slot_at(from.index()));
        if (word.kind == SlotKind::full && laps_between(word.lap, from.lap()) == 0) {
            return from;
        }
    }
    return to;
}

void MessageRing::settle(Roster& roster, const Claim& claim) {
    Seat& seat = *claim.seat;
    RingSlot& slot = slot_at(claim.slot);
    free_slot(roster, seat, slot);
    if (claim.head != 0) {
        head_.value.store(claim.head, std::memory_order_relaxed);
    }
    seat.forget(Name(NameKind::ring, this), claim.slot);
    detail::reached(PartyStep::forgot);
}

void MessageRing::put_back(Roster& roster, const Claim& claim) {
    Seat& seat = *claim.seat;
    RingSlot& slot = slot_at(claim.slot);
    store(slot, {load(slot).lap, detail::no_token, SlotKind::full});
    detail::reached(PartyStep::put_back);
    detail::wake_after_change(roster, not_empty_.value, 1);
    seat.forget(Name(NameKind::ring, this), claim.slot);
    detail::reached(PartyStep::forgot);
}

/// The next lap of a slot that the calling thread has in its hands.
void MessageRing::free_slot(Roster& roster, const Seat& seat, RingSlot& slot) noexcept {
    const SlotWord freed{.lap = load(slot).lap + 1};
    if (std::byte* const block = block_of(slot)) {
        const HeapTurn heap(roster, seat);
        heap->hold(heap.party(), block);
        detail::reached(PartyStep::held_block);
        store(slot, freed);
        detail::reached(PartyStep::settled);
        heap->deallocate(heap.party(), block);
        detail::reached(PartyStep::freed_block);
    } else {
        store(slot, freed);
        detail::reached(PartyStep::settled);
    }
    detail::fence_after_change(roster);
    detail::wake_sleepers(not_full_.value, 1);
    if (settled_.is_slept_on()) [[unlikely]] {
        settled_.ring();
    }
    if (state_.load(std::memory_order_seq_cst) != State::open) [[unlikely]] {
        not_empty_.value.ring();  // readers who wait whether anything comes back
    }
}

bool MessageRing::is_own(Roster& roster, const Claim& claim) const {
    return claim.owner == detail::seat_in(roster).token() &&
           load(slot_at(claim.slot)).is_of(claim.owner);
}

void MessageRing::close(Roster& roster) {
    Seat& seat = detail::seat_in(roster);
    const bool is_named = seat.note(Name(NameKind::ring, this));
    detail::reached(PartyStep::named);
    State open = State::open;
    state_.compare_exchange_strong(open, State::closed, std::memory_order_seq_cst);
    detail::reached(PartyStep::closed);
    not_empty_.value.ring();
    not_full_.value.ring();
    if (is_named) {
        seat.forget(Name(NameKind::ring, this));
        detail::reached(PartyStep::forgot);
    }
}

bool MessageRing::is_closed() const noexcept {
    return state_.load(std::memory_order_seq_cst) != State::open;
}

MessageRing::Answer MessageRing::wait_until_settled(Roster& roster, Until until) {
    std::optional<RingPosition> to;
    RingPosition from;
    const auto look = [&](const Seat& seat) {
        if (!to) {
            to = first_free();
            from = {head_.value.load(std::memory_order_relaxed)};
        }
        return try_to_pass(seat, from, *to);
    };
    const Answer answer = look_and_wait(roster, until, settled_, look);
    if (answer == Answer::yes) {
        detail::seat_in(roster).forget(Name(NameKind::ring, this));
    }
    return answer;
}

/// Goes over settled messages, as far as there are some.
MessageRing::Answer MessageRing::try_to_pass(const Seat& seat, RingPosition& from,
                                             RingPosition to) const noexcept {
    if (state_.load(std::memory_order_seq_cst) == State::ended) {
        return Answer::no_more;
    }
    for (; from.is_before(to); from = next(from)) {
        const SlotWord word = load(slot_at(from.index()));
        if (laps_between(word.lap, from.lap()) <= 0) {
            return word.is_of(seat.token()) ? Answer::no_own : Answer::no_time;
        }
    }
    return Answer::yes;
}

/// That no writer has claimed yet.
RingPosition MessageRing::first_free() const noexcept {
    RingPosition position{tail_.value.load(std::memory_order_relaxed)};
    for (;;) {
        const SlotWord word = load(slot_at(position.index()));
        const std::int64_t laps = laps_between(word.lap, position.lap());
        if (laps < 0 || (laps == 0 && word.kind == SlotKind::free)) {
            return position;
        }
        position = next_to_write(position, word);
    }
}

std::size_t MessageRing::size_hint() const noexcept {
    const RingPosition end = first_free();
    RingPosition position{head_.value.load(std::memory_order_relaxed)};
    std::size_t size = 0;
    while (position.is_before(end)) {
        const SlotWord word = load(slot_at(position.index()));
        const std::int64_t laps = laps_between(word.lap, position.lap());
        size += laps == 0 && word.kind == SlotKind::full ? 1 : 0;
        position = laps > 0 ? next_to_read(position, word) : next(position);
    }
    return size;
}

void MessageRing::ring_all() noexcept {
    not_empty_.value.ring_after_death();
    not_full_.value.ring_after_death();
    settled_.ring_after_death();
}

void MessageRing::end() noexcept {
    state_.store(State::ended, std::memory_order_seq_cst);
    ring_all();
}

void MessageRing::free_blocks(Heap& heap) noexcept {
    for (std::uint32_t index = 0; may_be_long_ && index < slots_; ++index) {
        RingSlot& slot = slot_at(index);
        std::byte* const block = block_of(slot);
        store(slot, {});
        heap.deallocate(0, block);
    }
}

void MessageRing::return_block(std::uint32_t index, detail::Token dead, Heap& heap,
                               PartyNumber party) noexcept {
    if (index >= slots_ || !load(slot_at(index)).is_of(dead)) {
        return;
    }
    std::byte* const block = block_of(slot_at(index));
    if (block != nullptr && heap.holds(party, block)) {
        heap.give_over(party, block);
        detail::reached(PartyStep::buried_hand);
    }
}

void MessageRing::bury(std::uint32_t index, detail::Token dead, Heap* heap,
                       PartyNumber party) noexcept {
    // The part of a name may be that of another name; see Seat::forget().
    if (index < slots_ && load(slot_at(index)).is_of(dead)) {
        RingSlot& slot = slot_at(index);
        SlotWord word = load(slot);
        word.owner = detail::no_token;
        std::byte* block = nullptr;
        if (word.kind == SlotKind::reading) {
            word.kind = SlotKind::full;
        } else {
            block = heap == nullptr ? nullptr : block_of(slot);
            word = {.lap = word.lap + 1};
        }
        if (block != nullptr) {
            heap->hold(party, block);
            detail::reached(PartyStep::buried_block_held);
        }
        store(slot, word);
        detail::reached(PartyStep::buried_slot);
        if (block != nullptr) {
            heap->deallocate(party, block);
            detail::reached(PartyStep::buried_block_freed);
        }
    }
    // Also where it had no slot: it may have let go, or closed the ring, and not rung.
    ring_all();
}

}  // namespace pinfold::shm

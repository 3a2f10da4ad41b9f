// Who may write what. All that is the writers': whoever of them is in; in a dead one's place its
// burial. The same of the readers. How many messages were written is what publishes a message; how
// many were read gives its place back.
//
// Why that is quick. Nobody else changes a line that a writer or reader looks at for each message,
// but for the message itself: each keeps what it last saw of the other's count, and looks again
// when that is used up. Whoever finds nothing then waits a little before it looks again: the other
// goes on meanwhile, and there are many messages when it looks.
//
// Why none is woken in vain, and all are. A thread of an end sleeps on `change` when it was in and
// found nothing, on `turn_is_free` when another one was in. Whoever publishes rings the other end's
// `change`; whoever leaves rings its own end's `turn_is_free`. Its name is that of the end until it
// has rung for the change, and that of the bell until it has rung for the turn.

#include <algorithm>
#include <bit>
#include <new>
#include <pinfold/shm/heap.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <pinfold/shm/parties/pipe_channel.hpp>
#include <stdexcept>
#include <string>

#include "parties/heap_turn.hpp"
#include "parties/membership.hpp"
#include "parties/named_sleep.hpp"
#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

using detail::HeapTurn;
using detail::Name;
using detail::NamedSleep;
using detail::NameKind;
using detail::PartyStep;
using detail::PipeUsers;
using detail::reached;
using detail::Seat;

namespace {

// Whoever finds nothing lets the other go on for some 0.2 µs: so long takes the line with the count
// from there to here and back, twice, and some ten messages come meanwhile. Then it looks more and
// more seldom, for some microseconds, about what a sleep costs (pipe_bench).
constexpr int turns_before_second_look = 8;
constexpr int most_turns_between_looks = 128;

// How far before it writes a line a writer asks for it, which the reader had last: so many are on
// their way at a time (pipe_bench).
constexpr std::size_t bytes_asked_for_ahead = 8 * cache_line;

std::size_t slot_bytes_for(const PipeChannel::Shape& shape) noexcept {
    const std::size_t unit = shape.may_be_long ? cache_line : sizeof(std::uint64_t);
    return std::max(unit, (shape.message_bytes + unit - 1) / unit * unit);
}

Name turn_of(PipeUsers& users) noexcept {
    return {NameKind::pipe, &users};
}
/// Of a thread that is not in. A burial rings the bell.
Name presence_at(PipeUsers& users) noexcept {
    return {NameKind::bell, &users.turn_is_free};
}

BiasedTurn::Place place_of(const Seat& seat) noexcept {
    return BiasedTurn::place_of(seat.token(), seat.life.load(std::memory_order_relaxed).process);
}

/// The line is on its way to be written here. The compiler's own prefetch asks to read it alone,
/// unless it is told of a CPU that can do more; others do nothing here.
void ask_for_line(const std::byte* line) noexcept {
#if defined(__x86_64__)
    asm volatile("prefetchw %0" : : "m"(*line));
#else
    __builtin_prefetch(line, 1);
#endif
}

}  // namespace

std::size_t PipeChannel::bytes_for(const Shape& shape) {
    if (shape.capacity == 0 || shape.capacity > most_messages) {
        throw std::invalid_argument("a capacity of " + std::to_string(shape.capacity) +
                                    " messages is not 1 to " + std::to_string(most_messages));
    }
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(std::bit_ceil(shape.capacity), slot_bytes_for(shape), &bytes)) {
        throw std::bad_alloc();
    }
    return bytes;
}

void PipeChannel::prepare(std::byte* slots, const Shape& shape, PipeEnds& ends,
                          PipeSide writers) noexcept {
    slots_ = slots;
    capacity_ = shape.capacity;
    mask_ = std::bit_ceil(shape.capacity) - 1;
    slot_bytes_ = slot_bytes_for(shape);
    ahead_ = std::max<std::uint64_t>(1, bytes_asked_for_ahead / slot_bytes_);
    ends_ = &ends;
    writers_side_ = writers;
    may_be_long_ = shape.may_be_long;
    writers_.value.channel = this;
    readers_.value.channel = this;
}

std::array<Doorbell*, 4> PipeChannel::bells() noexcept {
    return {&writers_.value.change, &writers_.value.turn_is_free, &readers_.value.change,
            &readers_.value.turn_is_free};
}

/// Names the turn and comes in, if it is there to take and look() finds what it looks for. Else the
/// seat names the presence, but where it has no room.
template <typename Look>
[[gnu::always_inline]] inline PipeChannel::Answer PipeChannel::come(Roster& roster, Seat& seat,
                                                                    PipeUsers& users, Look look) {
    const Name name = turn_of(users);
    if (!seat.note(name)) [[unlikely]] {
        return Answer::no_room;
    }
    reached(PartyStep::named);
    detail::fence_after_change(roster);  // whoever takes the favour away sees the name, or is seen
    if (!users.turn.is_favoured(place_of(seat))) [[unlikely]] {
        const Answer answer = take_turn(roster, seat, users, name);
        if (answer != Answer::yes) {
            seat.rename(name, presence_at(users));
            return answer;
        }
    }
    const Answer answer = look();
    if (answer != Answer::yes) [[unlikely]] {
        step_back(roster, seat, users);
    }
    return answer;
}

PipeChannel::Answer PipeChannel::take_turn(Roster& roster, Seat& seat, PipeUsers& users,
                                           const Name& name) {
    const BiasedTurn::Place place = place_of(seat);
    if (users.turn.give_up_favour(place)) {
        // Whoever was about to take it may have seen the name, and waits until it is gone.
        detail::wake_all_after_change(roster, users.turn_is_free);
    }
    switch (users.turn.take(roster, seat, place, name, users.turn_is_free)) {
        case Taken::yes:
            break;
        case Taken::no_own:
            return Answer::no_own;
        case Taken::no_more:
            return Answer::no_more;
        default:
            return Answer::no_turn;
    }
    ends_->join(&users == &writers_.value ? writers_side_ : other(writers_side_),
                seat.life.load(std::memory_order_relaxed).process);
    return Answer::yes;
}

/// The thread is not in any more, but present. Others may come in.
void PipeChannel::step_back(const Roster& roster, Seat& seat, PipeUsers& users) noexcept {
    if (users.turn.is_turn_of(seat.token())) [[unlikely]] {
        users.turn.let_go(seat.token());
        reached(PartyStep::let_go);
    }
    seat.rename(turn_of(users), presence_at(users));
    reached(PartyStep::stepped_back);
    detail::wake_after_change(roster, users.turn_is_free, 1);
}

void PipeChannel::leave(const Roster& roster, Seat& seat, PipeUsers& users) noexcept {
    step_back(roster, seat, users);
    seat.forget(presence_at(users));
    reached(PartyStep::forgot);
}

template <typename Look>
PipeChannel::Claim PipeChannel::claim(Roster& roster, Until until, PipeUsers& users, Look look) {
    Seat& seat = detail::seat_in(roster);
    // A message's own type may put others when it is written or read.
    if (may_be_long_ && seat.count(turn_of(users)) != 0) [[unlikely]] {
        return {Answer::no_own};
    }
    Answer answer = come(roster, seat, users, look);
    if (answer != Answer::yes && answer != Answer::no_room) [[unlikely]] {
        answer = wait_and_come(roster, seat, users, until, answer, look);
    }
    return {answer, &seat};
}

/// For a thread that came in vain, and is present: meanwhile nobody frees what it looks at.
template <typename Look>
[[gnu::noinline]] PipeChannel::Answer PipeChannel::wait_and_come(Roster& roster, Seat& seat,
                                                                 PipeUsers& users, Until until,
                                                                 Answer answer, Look look) {
    if (answer == Answer::no_turn || (answer == Answer::no_time && until != at_once)) {
        answer = wait(roster, seat, users, until, answer, look);
    }
    seat.forget(presence_at(users));
    reached(PartyStep::forgot);
    return answer;
}

template <typename Look>
[[gnu::noinline]] PipeChannel::Answer PipeChannel::come_again(Roster& roster, Seat& seat,
                                                              PipeUsers& users, Look look) {
    const Answer answer = come(roster, seat, users, look);
    if (answer != Answer::yes && answer != Answer::no_room) {
        seat.forget(presence_at(users));
    }
    return answer;
}

template <typename Look>
PipeChannel::Answer PipeChannel::wait(Roster& roster, Seat& seat, PipeUsers& users, Until until,
                                      Answer answer, Look look) {
    const auto is_to_wait = [&] {
        return answer == Answer::no_turn || (answer == Answer::no_time && until != at_once);
    };
    for (int turns = turns_before_second_look; is_to_wait() && turns <= most_turns_between_looks;
         turns *= 2) {
        detail::relax(turns);
        answer = come_again(roster, seat, users, look);
    }
    if (until == at_once) {
        return answer == Answer::no_turn ? Answer::no_time : answer;
    }
    while (is_to_wait()) {
        const Answer slept_for = answer;
        NamedSleep sleep(roster, seat,
                         slept_for == Answer::no_turn ? users.turn_is_free : users.change);
        do {
            sleep.prepare();
            answer = come_again(roster, seat, users, look);
            if (answer != slept_for) {
                break;
            }
            if (sleep.is_broken()) {
                return Answer::no_broken;
            }
            if (!sleep.wait(until)) {
                return Answer::no_time;
            }
        } while (true);
    }
    return answer;
}

PipeChannel::Claim PipeChannel::claim_to_write(Roster& roster, Until until) {
    Claim claim = this->claim(roster, until, writers_.value, [this] { return look_to_write(); });
    if (claim.answer == Answer::yes) [[likely]] {
        claim.message = slot_at(writer_saw_.value.written);
    }
    return claim;
}

PipeChannel::Answer PipeChannel::look_to_write() noexcept {
    WriterSaw& saw = writer_saw_.value;
    if (ends_->state() != saw.ends) [[unlikely]] {
        const Answer answer = look_at_ends();
        if (answer != Answer::yes) {
            return answer;
        }
    }
    const std::uint64_t written = saw.written;
    if (written - saw.read >= capacity_) [[unlikely]] {
        saw.read = read_.value.load(std::memory_order_acquire);
        if (written - saw.read >= capacity_) {
            return Answer::no_time;
        }
    }
    if (written + ahead_ - saw.read < capacity_) {
        ask_for_line(slot_at(written + ahead_));
    }
    return Answer::yes;
}

/// What a writer is told of the ends.
PipeChannel::Answer PipeChannel::look_at_ends() noexcept {
    const std::uint64_t state = ends_->state();  // first: what changes since is seen the next time
    if (ends_->is_closed(writers_side_)) {
        return Answer::no_closed;
    }
    if (ends_->is_gone(other(writers_side_))) {
        return Answer::no_reader;
    }
    writer_saw_.value.ends = state;
    return Answer::yes;
}

std::byte* PipeChannel::take_block(Roster& roster, const Claim& claim, std::size_t bytes) {
    WriterSaw& saw = writer_saw_.value;
    const HeapTurn heap(roster, *claim.seat);
    auto* const block = static_cast<std::byte*>(heap->allocate(heap.party(), bytes));
    reached(PartyStep::took_block);
    reinterpret_cast<RingMessage*>(claim.message)->block = block;
    saw.block_of.store(saw.written, std::memory_order_relaxed);
    saw.block.store(block, std::memory_order_release);
    reached(PartyStep::named_block);
    heap->give_over(heap.party(), block);
    reached(PartyStep::gave_block_over);
    return block;
}

void PipeChannel::publish(Roster& roster, const Claim& claim) noexcept {
    WriterSaw& saw = writer_saw_.value;
    // Release pairs with the acquire in look_to_read().
    written_.value.store(saw.written + 1, std::memory_order_release);
    reached(PartyStep::published);
    ++saw.written;  // in a dead one's place its burial looks what was published
    if (may_be_long_) {
        saw.block.store(nullptr, std::memory_order_release);
    }
    detail::wake_after_change(roster, readers_.value.change, 1);
    leave(roster, *claim.seat, writers_.value);
}

void PipeChannel::undo(Roster& roster, const Claim& claim) {
    std::atomic<std::byte*>& named = writer_saw_.value.block;
    if (std::byte* const block = may_be_long_ ? named.load(std::memory_order_relaxed) : nullptr) {
        const HeapTurn heap(roster, *claim.seat);
        heap->hold(heap.party(), block);
        reached(PartyStep::held_block);
        named.store(nullptr, std::memory_order_release);
        reached(PartyStep::settled);
        heap->deallocate(heap.party(), block);
        reached(PartyStep::freed_block);
    }
    // Who was told of the room is perhaps this thread alone.
    detail::wake_after_change(roster, writers_.value.change, 1);
    leave(roster, *claim.seat, writers_.value);
}

PipeChannel::Claim PipeChannel::claim_to_read(Roster& roster, Until until) {
    Claim claim = this->claim(roster, until, readers_.value, [this] { return look_to_read(); });
    if (claim.answer == Answer::yes) [[likely]] {
        claim.message = slot_at(read_.value.load(std::memory_order_relaxed));
    }
    return claim;
}

PipeChannel::Answer PipeChannel::look_to_read() noexcept {
    const std::uint64_t read = read_.value.load(std::memory_order_relaxed);
    std::uint64_t& written = reader_saw_.value;
    if (written != read) [[likely]] {
        return Answer::yes;
    }
    written = written_.value.load(std::memory_order_acquire);
    if (written != read) {
        return Answer::yes;
    }
    if (!ends_->is_gone(writers_side_) && !ends_->is_closed(other(writers_side_))) {
        return Answer::no_time;
    }
    // What it wrote before it went.
    written = written_.value.load(std::memory_order_acquire);
    return written != read ? Answer::yes : Answer::no_closed;
}

/// The block of the next message to read, or nullptr.
std::byte* PipeChannel::block_to_read() const noexcept {
    const std::uint64_t read = read_.value.load(std::memory_order_acquire);
    if (!may_be_long_ || read == written_.value.load(std::memory_order_acquire)) {
        return nullptr;
    }
    const auto& message = *reinterpret_cast<const RingMessage*>(slot_at(read));
    return message.has_block() ? message.block : nullptr;
}

void PipeChannel::settle(Roster& roster, const Claim& claim) {
    const std::uint64_t next = read_.value.load(std::memory_order_relaxed) + 1;
    if (std::byte* const block = may_be_long_ ? block_to_read() : nullptr) {
        const HeapTurn heap(roster, *claim.seat);
        heap->hold(heap.party(), block);
        reached(PartyStep::held_block);
        read_.value.store(next, std::memory_order_release);
        reached(PartyStep::settled);
        heap->deallocate(heap.party(), block);
        reached(PartyStep::freed_block);
    } else {
        // Release pairs with the acquire in look_to_write().
        read_.value.store(next, std::memory_order_release);
        reached(PartyStep::settled);
    }
    detail::wake_after_change(roster, writers_.value.change, 1);
    leave(roster, *claim.seat, readers_.value);
}

void PipeChannel::put_back(Roster& roster, const Claim& claim) noexcept {
    // Who was told of the message is perhaps this thread alone.
    detail::wake_after_change(roster, readers_.value.change, 1);
    leave(roster, *claim.seat, readers_.value);
}

std::size_t PipeChannel::size_hint() const noexcept {
    const std::uint64_t read = read_.value.load(std::memory_order_acquire);
    const std::uint64_t written = written_.value.load(std::memory_order_acquire);
    return static_cast<std::size_t>(std::min(written - read, capacity_));
}

void PipeChannel::end() noexcept {
    for (PipeUsers* const users : {&writers_.value, &readers_.value}) {
        users->turn.end();
    }
    for (Doorbell* const bell : bells()) {
        bell->ring_after_death();
    }
}

void PipeChannel::free_blocks(Heap& heap) noexcept {
    if (!may_be_long_) {
        return;
    }
    std::atomic<std::uint64_t>& read = read_.value;
    while (read.load(std::memory_order_relaxed) != written_.value.load(std::memory_order_acquire)) {
        heap.deallocate(0, block_to_read());
        read.fetch_add(1, std::memory_order_relaxed);
    }
    bury_block(heap, 0);
}

void PipeChannel::return_block(Heap& heap, PartyNumber party) noexcept {
    for (std::byte* const block : {block_to_read(), block_being_written()}) {
        if (block != nullptr && heap.holds(party, block)) {
            heap.give_over(party, block);
            reached(PartyStep::buried_hand);
        }
    }
}

/// The block of a message that is not published, or nullptr.
std::byte* PipeChannel::block_being_written() const noexcept {
    const WriterSaw& saw = writer_saw_.value;
    std::byte* const block = saw.block.load(std::memory_order_acquire);
    return saw.block_of.load(std::memory_order_relaxed) ==
                   written_.value.load(std::memory_order_acquire)
               ? block
               : nullptr;
}

void PipeChannel::bury_block(Heap& heap, PartyNumber party) noexcept {
    std::byte* const block = block_being_written();
    if (block != nullptr) {
        heap.hold(party, block);
        reached(PartyStep::buried_block_held);
    }
    writer_saw_.value.block.store(nullptr, std::memory_order_release);
    reached(PartyStep::buried_slot);
    if (block != nullptr) {
        heap.deallocate(party, block);
        reached(PartyStep::buried_block_freed);
    }
}

void PipeChannel::bury(PipeUsers& users, detail::Token dead, Heap* heap,
                       PartyNumber party) noexcept {
    if (&users == &writers_.value && users.turn.was_in(dead)) {
        writer_saw_.value.written = written_.value.load(std::memory_order_acquire);
        if (may_be_long_ && heap != nullptr) {
            bury_block(*heap, party);
        }
    }
    users.turn.release(dead);
    // It may have published and not rung, been woken, or kept others out.
    for (Doorbell* const bell : bells()) {
        bell->ring_after_death();
    }
}

void PipeChannel::forget_process(ProcessNumber process) noexcept {
    writers_.value.turn.forget_process(process);
    readers_.value.turn.forget_process(process);
}

}  // namespace pinfold::shm

#include <algorithm>
#include <limits>
#include <new>
#include <pinfold/shm/parties/shared_word.hpp>
#include <span>

#include "parties/membership.hpp"
#include "parties/named_sleep.hpp"
#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

namespace {

using detail::ChangedBy;
using detail::Name;
using detail::NameKind;
using detail::PartyStep;
using detail::Seat;

constexpr std::uint32_t bits_a_word = 64;
constexpr std::uint32_t all = std::numeric_limits<std::uint32_t>::max();

constexpr std::uint32_t words_for(std::uint32_t seats) noexcept {
    return (seats + bits_a_word - 1) / bits_a_word;
}

constexpr std::uint64_t bit_of(std::uint32_t seat) noexcept {
    return std::uint64_t{1} << seat % bits_a_word;
}

std::uint32_t number_of(const Seat& seat) noexcept {
    return detail::seat_of(seat.token());
}

}  // namespace

std::size_t SharedWord::bytes_for(std::uint32_t seats) noexcept {
    return sizeof(SharedWord) + words_for(seats) * sizeof(Bits);
}

SharedWord::SharedWord(std::uint32_t seats) noexcept : words_(words_for(seats)) {}

SharedWord& SharedWord::make(void* memory, std::uint32_t seats) {
    auto* const word = new (memory) SharedWord(seats);
    for (std::uint32_t each = 0; each < word->words_; ++each) {
        new (reinterpret_cast<Bits*>(word + 1) + each) Bits(0);
    }
    return *word;
}

SharedWord::Bits& SharedWord::bits_of(std::uint32_t seat) const noexcept {
    const auto* const first = reinterpret_cast<const Bits*>(this + 1);
    // They lie behind the word, in the same shared memory, and are nobody's constants.
    return const_cast<Bits&>(first[seat / bits_a_word]);
}

bool SharedWord::has_readers() const noexcept {
    return std::ranges::any_of(std::span(&bits_of(0), words_), [](const Bits& bits) {
        return bits.load(std::memory_order_seq_cst) != 0;
    });
}

Taken SharedWord::take(Roster& roster, Until until, bool accepts_abandoned) {
    if (is_reader(roster)) {
        return Taken::no_own;
    }
    // As long as it waits for readers, it has changed nothing that its death could leave behind.
    Taken taken = writer_.take_as(NameKind::permit, roster, until, accepts_abandoned);
    if (!is_taken(taken)) {
        return taken;
    }
    Seat& seat = detail::seat_in(roster);
    if (has_readers()) [[unlikely]] {
        const Taken drained = wait_for_readers(roster, seat, until);
        if (drained != Taken::yes) {
            static_cast<void>(writer_.let_go_as(NameKind::permit, roster, all));
            return drained;
        }
        // A reader may have mended it meanwhile.
        taken = writer_.is_abandoned() ? Taken::yes_abandoned : Taken::yes;
    }
    seat.rename(Name(NameKind::permit, &writer_), Name(NameKind::owner, &writer_));
    detail::reached(PartyStep::drained);
    return taken;
}

Taken SharedWord::wait_for_readers(Roster& roster, Seat& seat, Until until) {
    return detail::look_or_sleep(roster, seat, drained_, ChangedBy::exchange, until, [&] {
        if (writer_.owner() != seat.token()) {
            return Taken::no_more;
        }
        return has_readers() ? Taken::no_time : Taken::yes;
    });
}

bool SharedWord::let_go(Roster& roster) {
    return writer_.let_go_as(NameKind::owner, roster, all);
}

Taken SharedWord::take_shared(Roster& roster, Until until, bool accepts_abandoned) {
    Seat& seat = detail::seat_in(roster);
    if (is_reader(roster)) {
        return Taken::no_own;
    }
    if (!seat.note(Name(NameKind::reader, this))) {
        return Taken::no_room;
    }
    detail::reached(PartyStep::named);
    Taken taken = try_to_read(roster, seat, accepts_abandoned);
    if (taken == Taken::no_time && until != at_once) [[unlikely]] {
        taken = wait_to_read(roster, seat, until, accepts_abandoned);
    }
    if (!is_taken(taken)) {
        seat.forget(Name(NameKind::reader, this));
    }
    return taken;
}

Taken SharedWord::wait_to_read(Roster& roster, Seat& seat, Until until, bool accepts_abandoned) {
    const Taken taken =
        detail::look_or_sleep(roster, seat, writer_.bell_, ChangedBy::store, until,
                              [&] { return try_to_read(roster, seat, accepts_abandoned); });
    if (taken == Taken::no_abandoned) {
        writer_.bell_.ring();  // whoever else waits is told too: see OwnerWord::take_or_wait()
    }
    return taken;
}

/// Returns no_time where there is a writer.
Taken SharedWord::try_to_read(Roster& roster, const Seat& seat, bool accepts_abandoned) noexcept {
    const Taken before = may_read(seat, accepts_abandoned);
    if (!is_taken(before)) {
        return before;
    }
    const std::uint32_t number = number_of(seat);
    bits_of(number).fetch_or(bit_of(number), std::memory_order_seq_cst);
    detail::reached(PartyStep::took);
    // A writer who comes from now on sees the bit; who came before is seen here.
    const Taken now = may_read(seat, accepts_abandoned);
    if (!is_taken(now)) [[unlikely]] {
        clear_bit(roster, number);
    }
    return now;
}

Taken SharedWord::may_read(const Seat& seat, bool accepts_abandoned) const noexcept {
    const std::uint32_t seen = writer_.owner_.load(std::memory_order_seq_cst);
    if (seen == detail::no_token) [[likely]] {
        return Taken::yes;
    }
    if (seen == OwnerWord::abandoned) {
        return accepts_abandoned ? Taken::yes_abandoned : Taken::no_abandoned;
    }
    if (seen == OwnerWord::ended) {
        return Taken::no_more;
    }
    return (seen & ~OwnerWord::abandoned) == seat.token() ? Taken::no_own : Taken::no_time;
}

void SharedWord::clear_bit(Roster& roster, std::uint32_t seat) noexcept {
    bits_of(seat).fetch_and(~bit_of(seat), std::memory_order_seq_cst);
    detail::reached(PartyStep::let_go);
    if (drained_.is_slept_on() && !has_readers()) [[unlikely]] {
        detail::wake_all_after_change(roster, drained_);
    }
}

bool SharedWord::let_go_shared(Roster& roster) {
    if (!is_reader(roster)) [[unlikely]] {
        return writer_.has_ended();
    }
    Seat& seat = detail::seat_in(roster);
    clear_bit(roster, number_of(seat));
    seat.forget(Name(NameKind::reader, this));
    seat.has_let_go_of(this);
    detail::reached(PartyStep::forgot);
    return true;
}

bool SharedWord::make_consistent(Roster& roster) {
    if (is_reader(roster)) {
        writer_.owner_.fetch_and(~OwnerWord::abandoned, std::memory_order_relaxed);
        return true;
    }
    return writer_.make_consistent(roster);
}

bool SharedWord::is_reader(Roster& roster) const {
    const std::uint32_t number = number_of(detail::seat_in(roster));
    return (bits_of(number).load(std::memory_order_relaxed) & bit_of(number)) != 0;
}

void SharedWord::end() noexcept {
    writer_.end();
    drained_.ring_after_death();
}

void SharedWord::release_reader(detail::Token dead) noexcept {
    const std::uint32_t number = detail::seat_of(dead);
    bits_of(number).fetch_and(~bit_of(number), std::memory_order_seq_cst);
    drained_.ring_after_death();
    writer_.bell_.ring_after_death();  // it may have been woken in place of another
}

}  // namespace pinfold::shm

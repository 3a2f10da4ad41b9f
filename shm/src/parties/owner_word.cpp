#include <pinfold/shm/asymmetric_fence.hpp>
#include <pinfold/shm/parties/owner_word.hpp>

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

}  // namespace

// take() and let_go() are for the word that is free and that nobody waits for, of a thread that has
// no other. They call nothing on their way, so that they keep nothing on the stack, and look at
// little: a name goes to the seat's first place and comes back from there. All else is for their
// slower twins.
//
// What that cannot go below (lock_bench: "bare"): one locked instruction, 8 of some 11 ns. It
// begins when all before it is done, and what is behind it begins when it has ended. So each load
// of a chain of loads shows, and each step less of it is 2 ns.

Taken OwnerWord::take(Roster& roster, Until until, bool accepts_abandoned) {
    const detail::LastSeat& last = detail::last_seat;
    if (last.is_in(roster) && last.seat->is_first_free()) [[likely]] {
        Seat& seat = *last.seat;
        seat.note_first(Name(NameKind::owner, this));
        // A burial finds the name of whoever died behind the exchange: the stores of a process that
        // was reaped are all there, so the compiler alone is to keep their order.
        light_fence();
        detail::reached(PartyStep::named);
        std::uint32_t nobody = detail::no_token;
        // Acquire: pairs with the release of whoever let go, or buried.
        if (owner_.compare_exchange_strong(nobody, seat.token(), std::memory_order_acquire))
            [[likely]] {
            detail::reached(PartyStep::took);
            return Taken::yes;
        }
        return take_from_another(roster, seat, until, accepts_abandoned);
    }
    return take_as(NameKind::owner, roster, until, accepts_abandoned);
}

[[gnu::noinline]] Taken OwnerWord::take_as(NameKind kind, Roster& roster, Until until,
                                           bool accepts_abandoned) {
    Seat& seat = detail::seat_in(roster);
    if (!seat.note(Name(kind, this))) {
        return Taken::no_room;
    }
    detail::reached(PartyStep::named);
    std::uint32_t nobody = detail::no_token;
    // seq_cst: pairs with the readers' look in SharedWord::try_to_read().
    if (owner_.compare_exchange_strong(nobody, seat.token(), std::memory_order_seq_cst))
        [[likely]] {
        detail::reached(PartyStep::took);
        return Taken::yes;
    }
    return take_or_wait(kind, roster, seat, until, accepts_abandoned);
}

/// The first place is not for one that waits, nor for one that was told of a death.
[[gnu::noinline]] Taken OwnerWord::take_from_another(Roster& roster, Seat& seat, Until until,
                                                     bool accepts_abandoned) {
    // In this order it is named at every moment: until then its memory is not used again.
    const bool has_room = seat.note(Name(NameKind::owner, this));
    seat.forget_first();
    if (!has_room) {
        return Taken::no_room;
    }
    return take_or_wait(NameKind::owner, roster, seat, until, accepts_abandoned);
}

Taken OwnerWord::take_or_wait(NameKind kind, Roster& roster, Seat& seat, Until until,
                              bool accepts_abandoned) {
    const Taken taken = detail::look_or_sleep(roster, seat, bell_, ChangedBy::store, until, [&] {
        return try_to_take(seat.token(), accepts_abandoned);
    });
    if (taken == Taken::no_abandoned) {
        // It may have been woken for a word that it leaves: whoever else waits is told too.
        bell_.ring();
    }
    if (!is_taken(taken)) {
        seat.forget(Name(kind, this));
    }
    return taken;
}

/// Returns no_time where somebody else owns it.
Taken OwnerWord::try_to_take(detail::Token mine, bool accepts_abandoned) noexcept {
    std::uint32_t seen = owner_.load(std::memory_order_seq_cst);
    while ((seen & ~abandoned) == detail::no_token) {
        const bool is_told = seen != 0;
        if (is_told && !accepts_abandoned) {
            return Taken::no_abandoned;
        }
        if (owner_.compare_exchange_weak(seen, seen | mine, std::memory_order_seq_cst)) {
            detail::reached(PartyStep::took);
            return is_told ? Taken::yes_abandoned : Taken::yes;
        }
    }
    if (seen == ended) {
        return Taken::no_more;
    }
    return (seen & ~abandoned) == mine ? Taken::no_own : Taken::no_time;
}

/// let_go() is a plain store, so one that is under way may come behind the end, and undo it. Either
/// it sees the mark then, and ends the word again, or it has come to the word before the fence.
void OwnerWord::end() noexcept {
    is_ending_.store(1, std::memory_order_seq_cst);
    static_cast<void>(heavy_fence());
    owner_.store(ended, std::memory_order_seq_cst);
    bell_.ring_after_death();
}

bool OwnerWord::let_go(Roster& roster) {
    const detail::LastSeat& last = detail::last_seat;
    // In the first place is what the thread took from nobody, so the word has its token, and tells
    // of no death.
    if (last.is_in(roster) && last.seat->is_first(Name(NameKind::owner, this))) [[likely]] {
        // Release: pairs with the next one's acquire. A plain store, where a second locked
        // instruction would cost 8 ns: nobody else changes a word that has an owner, but end().
        owner_.store(detail::no_token, std::memory_order_release);
        detail::reached(PartyStep::let_go);
        // Store, then look; who sleeps, or ends the word, stores and looks with a heavy fence
        // between: NamedSleep::prepare(), end().
        detail::fence_after_change(roster);
        if (is_ending_.load(std::memory_order_relaxed) == 0 && !bell_.is_slept_on()) [[likely]] {
            last.seat->forget_first();
            detail::reached(PartyStep::forgot);
            return true;
        }
        return has_let_go(NameKind::owner, *last.seat, 1);
    }
    return let_go_as(NameKind::owner, roster, 1);
}

[[gnu::noinline]] bool OwnerWord::let_go_as(NameKind kind, Roster& roster, std::uint32_t wakes) {
    Seat& seat = detail::seat_in(roster);
    const std::uint32_t seen = owner_.load(std::memory_order_relaxed);
    if ((seen & ~abandoned) != seat.token()) [[unlikely]] {
        return seen == ended && let_go_of_ended(kind, seat);
    }
    owner_.store(seen & abandoned, std::memory_order_release);
    detail::reached(PartyStep::let_go);
    detail::fence_after_change(roster);
    return has_let_go(kind, seat, wakes);
}

bool OwnerWord::has_let_go(NameKind kind, Seat& seat, std::uint32_t wakes) {
    if (is_ending_.load(std::memory_order_relaxed) != 0) [[unlikely]] {
        end();
    }
    detail::wake_sleepers(bell_, wakes);
    seat.forget(Name(kind, this));
    seat.has_let_go_of(this);
    detail::reached(PartyStep::forgot);
    return true;
}

bool OwnerWord::let_go_of_ended(NameKind kind, Seat& seat) {
    if (seat.count(Name(kind, this)) != 0) {  // until then its memory is not used again
        seat.forget(Name(kind, this));
    }
    seat.has_let_go_of(this);
    return true;
}

bool OwnerWord::make_consistent(Roster& roster) {
    if (!is_owner(roster)) {
        return false;
    }
    owner_.fetch_and(~abandoned, std::memory_order_relaxed);
    return true;
}

bool OwnerWord::is_owner(Roster& roster) const {
    return owner() == detail::seat_in(roster).token();
}

void OwnerWord::bury(detail::Token dead, std::uint32_t what_is_left) noexcept {
    std::uint32_t seen = owner_.load(std::memory_order_seq_cst);
    if ((seen & ~abandoned) == dead) {
        owner_.compare_exchange_strong(seen, (seen & abandoned) | what_is_left,
                                       std::memory_order_seq_cst);
    }
    // Also where the dead one was not the owner: it may have let go and not rung.
    bell_.ring_after_death();
}

}  // namespace pinfold::shm

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

// take() and let_go() are for the word that is free and that nobody waits for. They call nothing on
// their way, so that they keep nothing on the stack; all else is for their slower twins.

Taken OwnerWord::take(Roster& roster, Until until, bool accepts_abandoned) {
    Seat* const seat = detail::seat_at_a_glance(roster);
    if (seat != nullptr && seat->has_room()) [[likely]] {
        seat->note_in_room(Name(NameKind::owner, this));
        detail::reached(PartyStep::named);
        std::uint32_t nobody = detail::no_token;
        if (owner_.compare_exchange_strong(nobody, seat->token(), std::memory_order_acquire))
            [[likely]] {
            detail::reached(PartyStep::took);
            return Taken::yes;
        }
        return take_or_wait(NameKind::owner, roster, *seat, until, accepts_abandoned);
    }
    return take_as(NameKind::owner, roster, until, accepts_abandoned);
}

Taken OwnerWord::take_as(NameKind kind, Roster& roster, Until until, bool accepts_abandoned) {
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
    Seat* const seat = detail::seat_at_a_glance(roster);
    if (seat != nullptr && owner_.load(std::memory_order_relaxed) == seat->token()) [[likely]] {
        owner_.store(detail::no_token, std::memory_order_release);
        detail::reached(PartyStep::let_go);
        detail::fence_after_change(roster);
        const bool is_all = is_ending_.load(std::memory_order_relaxed) == 0 &&
                            !bell_.is_slept_on() && !seat->was_woken_under(this) &&
                            seat->is_last(Name(NameKind::owner, this));
        if (is_all) [[likely]] {
            seat->forget_last();
            detail::reached(PartyStep::forgot);
            return true;
        }
        return has_let_go(NameKind::owner, *seat, 1);
    }
    return let_go_as(NameKind::owner, roster, 1);
}

bool OwnerWord::let_go_as(NameKind kind, Roster& roster, std::uint32_t wakes) {
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

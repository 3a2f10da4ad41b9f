#include <pinfold/shm/parties/owner_word.hpp>

#include "parties/membership.hpp"
#include "parties/named_sleep.hpp"
#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

namespace {

using detail::Name;
using detail::NamedSleep;
using detail::NameKind;
using detail::PartyStep;
using detail::Seat;

// How often a waiter looks before it sleeps: some microseconds, about what a sleep costs.
constexpr int looks = 200;

void relax() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

}  // namespace

OwnerWord::Taken OwnerWord::take(Roster& roster, Until until, bool accepts_abandoned) {
    Seat& seat = detail::seat_in(roster);
    if (!seat.note(Name(NameKind::owner, this))) {
        return Taken::no_room;
    }
    detail::reached(PartyStep::named);
    std::uint32_t nobody = detail::no_token;
    if (owner_.compare_exchange_strong(nobody, seat.token(), std::memory_order_acquire))
        [[likely]] {
        detail::reached(PartyStep::took);
        return Taken::yes;
    }
    return take_or_wait(roster, seat, until, accepts_abandoned);
}

OwnerWord::Taken OwnerWord::take_or_wait(Roster& roster, Seat& seat, Until until,
                                         bool accepts_abandoned) {
    Taken taken = try_to_take(seat.token(), accepts_abandoned);
    for (int look = 0; look < looks && taken == Taken::no_time && until != at_once; ++look) {
        relax();
        taken = try_to_take(seat.token(), accepts_abandoned);
    }
    if (taken == Taken::no_time && until != at_once) {
        taken = wait_to_take(roster, seat, until, accepts_abandoned);
    }
    if (taken != Taken::yes && taken != Taken::yes_abandoned) {
        seat.forget(Name(NameKind::owner, this));
    }
    return taken;
}

OwnerWord::Taken OwnerWord::wait_to_take(Roster& roster, Seat& seat, Until until,
                                         bool accepts_abandoned) {
    NamedSleep sleep(roster, seat, bell_);
    do {
        sleep.prepare();
        const Taken taken = try_to_take(seat.token(), accepts_abandoned);
        if (taken == Taken::no_abandoned) {
            // It was woken for a word that it leaves: whoever else waits is told too.
            bell_.ring();
        }
        if (taken != Taken::no_time) {
            return taken;
        }
        if (sleep.is_broken()) {
            return Taken::no_broken;
        }
    } while (sleep.wait(until));
    return Taken::no_time;
}

/// Returns no_time where somebody else owns it.
OwnerWord::Taken OwnerWord::try_to_take(detail::Token mine, bool accepts_abandoned) noexcept {
    std::uint32_t seen = owner_.load(std::memory_order_seq_cst);
    while ((seen & ~abandoned) == detail::no_token) {
        const bool is_abandoned = seen != 0;
        if (is_abandoned && !accepts_abandoned) {
            return Taken::no_abandoned;
        }
        if (owner_.compare_exchange_weak(seen, seen | mine, std::memory_order_seq_cst)) {
            detail::reached(PartyStep::took);
            return is_abandoned ? Taken::yes_abandoned : Taken::yes;
        }
    }
    if (seen == ended) {
        return Taken::no_more;
    }
    return (seen & ~abandoned) == mine ? Taken::no_own : Taken::no_time;
}

void OwnerWord::end() noexcept {
    owner_.store(ended, std::memory_order_seq_cst);
    bell_.ring_after_death();
}

bool OwnerWord::let_go(Roster& roster) {
    Seat& seat = detail::seat_in(roster);
    const std::uint32_t seen = owner_.load(std::memory_order_relaxed);
    if ((seen & ~abandoned) != seat.token()) {
        return false;
    }
    owner_.store(seen & abandoned, std::memory_order_release);
    detail::reached(PartyStep::let_go);
    detail::wake_after_change(roster, bell_, 1);
    seat.forget(Name(NameKind::owner, this));
    detail::reached(PartyStep::forgot);
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

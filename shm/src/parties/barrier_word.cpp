#include <algorithm>
#include <limits>
#include <pinfold/shm/parties/barrier_word.hpp>

#include "parties/membership.hpp"
#include "parties/named_sleep.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

namespace {

using detail::Name;
using detail::NameKind;
using detail::PartyStep;
using detail::Seat;

constexpr std::uint32_t everybody = std::numeric_limits<std::uint32_t>::max();

// What stands in a place that waits for a thread of that process. No token has that bit.
constexpr detail::Token is_kept = detail::Token{1} << 31;
static_assert(detail::seat_bits + detail::incarnation_bits <= 31);

constexpr detail::Token kept_for(ProcessNumber process) noexcept {
    return is_kept | process;
}

constexpr bool is_taken(detail::Token token) noexcept {
    return token != detail::no_token && (token & is_kept) == 0;
}

}  // namespace

std::span<BarrierWord::Member> BarrierWord::all() const noexcept {
    // They lie behind the word in the same shared memory, and are nobody's constants.
    return {reinterpret_cast<Member*>(const_cast<BarrierWord*>(this) + 1), members_};
}

BarrierWord::Passed BarrierWord::arrive_and_wait(Roster& roster, Until until) {
    Passed how = Passed::yes;
    Member* const mine = place_of(roster, how);
    if (mine == nullptr) {
        return how;
    }
    State seen = state_.load(std::memory_order_seq_cst);
    if ((seen & ended) != 0) {
        return Passed::no_more;
    }
    if ((seen & broken) != 0) {
        return Passed::no_whole;
    }
    // seq_cst: of two that arrive at the same time one at least sees both stamps. A stamp is never
    // that of zeros, since it is of the lap behind.
    mine->arrived.store(seen + one_lap, std::memory_order_seq_cst);
    detail::reached(PartyStep::arrived);
    if (have_all_arrived(seen)) {
        State next = seen;
        if (state_.compare_exchange_strong(next, seen + one_lap, std::memory_order_seq_cst)) {
            detail::reached(PartyStep::passed);
            detail::wake_after_change(roster, bell_, everybody);
            return Passed::yes_last;
        }
    }
    return wait(roster, seen, until);
}

BarrierWord::Passed BarrierWord::wait(Roster& roster, State arrived_at, Until until) {
    Passed how = Passed::yes;
    detail::NamedSleep sleep(roster, detail::seat_in(roster), bell_);
    do {
        sleep.prepare();
        if (is_over(state_.load(std::memory_order_seq_cst), arrived_at, how)) {
            // A member that was told that nobody buries any more has perhaps ended since.
            return how == Passed::no_whole && sleep.is_broken() ? Passed::no_broken : how;
        }
        if (sleep.is_broken()) {
            return Passed::no_broken;
        }
    } while (sleep.wait(until));
    // Unless the last one came at the same moment: the lap behind is not to be broken.
    State now = arrived_at;
    if (state_.compare_exchange_strong(now, arrived_at | broken, std::memory_order_seq_cst)) {
        detail::wake_after_change(roster, bell_, everybody);
        return Passed::no_time;
    }
    static_cast<void>(is_over(now, arrived_at, how));
    return how;
}

/// The lap moves on only when all have arrived, whatever came after.
bool BarrierWord::is_over(State now, State arrived_at, Passed& how) noexcept {
    if ((now & laps) != (arrived_at & laps)) {
        how = Passed::yes;
    } else if ((now & ended) != 0) {
        how = Passed::no_more;
    } else if (now != arrived_at) {
        how = Passed::no_whole;
    } else {
        return false;
    }
    return true;
}

bool BarrierWord::have_all_arrived(State at) const noexcept {
    return std::ranges::all_of(all(), [stamp = at + one_lap](const Member& member) {
        return is_taken(member.token.load(std::memory_order_seq_cst)) &&
               member.arrived.load(std::memory_order_seq_cst) == stamp;
    });
}

BarrierWord::Member* BarrierWord::place_of(Roster& roster, Passed& why_not) {
    Seat& seat = detail::seat_in(roster);
    const auto places = all();
    const auto own = std::ranges::find_if(places, [&](const Member& member) {
        return member.token.load(std::memory_order_relaxed) == seat.token();
    });
    if (own != places.end()) {
        return &*own;
    }
    seat.forget_what_ended();
    const detail::Token kept = kept_for(seat.life.load(std::memory_order_relaxed).process);
    Member* place = take_place(seat, kept, why_not);
    if (place == nullptr && why_not != Passed::no_room) {
        place = take_place(seat, detail::no_token, why_not);
    }
    return place;
}

/// `before`: one that nobody has, or one that is kept for the thread's process.
BarrierWord::Member* BarrierWord::take_place(Seat& seat, detail::Token before, Passed& why_not) {
    const auto places = all();
    for (Member& member : places) {
        detail::Token seen = before;
        if (member.token.load(std::memory_order_relaxed) != seen) {
            continue;
        }
        const Name name(NameKind::member, &member);
        if (!seat.note(name)) {
            why_not = Passed::no_room;
            return nullptr;
        }
        member.place.store(static_cast<std::uint32_t>(&member - places.data()),
                           std::memory_order_relaxed);
        detail::reached(PartyStep::named);
        if (member.token.compare_exchange_strong(seen, seat.token(), std::memory_order_seq_cst)) {
            detail::reached(PartyStep::took);
            return &member;
        }
        seat.forget(name);
    }
    why_not = Passed::no_place;
    return nullptr;
}

BarrierWord::Passed BarrierWord::join(Roster& roster) {
    Passed how = Passed::yes;
    if (place_of(roster, how) == nullptr) {
        return how;
    }
    return (state_.load(std::memory_order_seq_cst) & ended) != 0 ? Passed::no_more : Passed::yes;
}

bool BarrierWord::leave(Roster& roster) {
    Seat& seat = detail::seat_in(roster);
    for (Member& member : all()) {
        if (member.token.load(std::memory_order_relaxed) == seat.token()) {
            member.token.store(detail::no_token, std::memory_order_seq_cst);
            detail::reached(PartyStep::let_go);
            seat.forget(Name(NameKind::member, &member));
            return true;
        }
    }
    const detail::Token kept = kept_for(seat.life.load(std::memory_order_relaxed).process);
    return std::ranges::any_of(all(), [kept](Member& member) {
        detail::Token seen = kept;
        return member.token.compare_exchange_strong(seen, detail::no_token,
                                                    std::memory_order_seq_cst);
    });
}

bool BarrierWord::keep_place(Roster& roster, ProcessNumber process) noexcept {
    if (roster_ == nullptr) {
        roster_ = &roster;
        roster.add(*this);  // first, so that a burial finds whatever is kept
    }
    return std::ranges::any_of(all(), [process](Member& member) {
        detail::Token nobody = detail::no_token;
        return member.token.compare_exchange_strong(nobody, kept_for(process),
                                                    std::memory_order_seq_cst);
    });
}

void BarrierWord::give_back(ProcessNumber process) noexcept {
    for (Member& member : all()) {
        detail::Token kept = kept_for(process);
        member.token.compare_exchange_strong(kept, detail::no_token, std::memory_order_seq_cst);
    }
}

/// Whoever makes the change need not be a member, so what leads its burial to the bell is a name of
/// its own. One that is at too many words goes without.
template <typename Change>
void BarrierWord::change_for_all(Roster& roster, Change change) {
    Seat& seat = detail::seat_in(roster);
    const Name name(NameKind::bell, &bell_);
    const bool is_named = seat.note(name);
    detail::reached(PartyStep::named);
    change();
    detail::reached(PartyStep::let_go);
    detail::wake_after_change(roster, bell_, everybody);
    if (is_named) {
        seat.forget(name);
        detail::reached(PartyStep::forgot);
    }
}

void BarrierWord::reset(Roster& roster) {
    // Stamps of before count for nothing.
    const auto begun_anew = [](State state) {
        return (state & laps) | (((state & ~laps & ~broken) + one_reset) & ~laps);
    };
    change_for_all(roster, [&] {
        State seen = state_.load(std::memory_order_seq_cst);
        while (!state_.compare_exchange_weak(seen, begun_anew(seen), std::memory_order_seq_cst)) {
        }
    });
}

void BarrierWord::abort(Roster& roster) {
    change_for_all(roster, [&] { state_.fetch_or(broken, std::memory_order_seq_cst); });
}

bool BarrierWord::is_whole() const noexcept {
    return (state_.load(std::memory_order_seq_cst) & broken) == 0;
}

std::uint32_t BarrierWord::arrived() const noexcept {
    const State stamp = state_.load(std::memory_order_seq_cst) + one_lap;
    return static_cast<std::uint32_t>(std::ranges::count_if(all(), [stamp](const Member& member) {
        return is_taken(member.token.load(std::memory_order_relaxed)) &&
               member.arrived.load(std::memory_order_relaxed) == stamp;
    }));
}

void BarrierWord::end() noexcept {
    if (roster_ != nullptr) {
        roster_->remove(*this);
    }
    state_.fetch_or(ended, std::memory_order_seq_cst);
    bell_.ring_after_death();
}

BarrierWord& BarrierWord::barrier_of(const Member& member) noexcept {
    const std::uint32_t place = member.place.load(std::memory_order_relaxed);
    // They lie behind the word in the same shared memory, and are nobody's constants.
    return *(reinterpret_cast<BarrierWord*>(const_cast<Member*>(&member) - place) - 1);
}

bool BarrierWord::has_ended(const Member& member) noexcept {
    return (barrier_of(member).state_.load(std::memory_order_seq_cst) & ended) != 0;
}

void BarrierWord::bury(Member& member, detail::Token dead) noexcept {
    BarrierWord& barrier = barrier_of(member);
    if (member.token.load(std::memory_order_seq_cst) == dead) {
        // In this order, or a burial that is begun anew finds nothing to break.
        barrier.state_.fetch_or(broken, std::memory_order_seq_cst);
        member.token.store(detail::no_token, std::memory_order_seq_cst);
    }
    barrier.bell_.ring_after_death();
}

void BarrierWord::bury(ProcessNumber process, bool tells_anyway) noexcept {
    bool is_to_tell = tells_anyway;
    for (Member& member : all()) {
        if (member.token.load(std::memory_order_seq_cst) == kept_for(process)) {
            // In this order, as above.
            state_.fetch_or(broken, std::memory_order_seq_cst);
            detail::reached(PartyStep::buried_user);
            member.token.store(detail::no_token, std::memory_order_seq_cst);
            detail::reached(PartyStep::buried_user);
            is_to_tell = true;
        }
    }
    if (is_to_tell) {
        bell_.ring_after_death();
    }
}

}  // namespace pinfold::shm

#include <pinfold/shm/parties/condition_word.hpp>

#include "parties/membership.hpp"
#include "parties/named_sleep.hpp"
#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

namespace {

using detail::ChangedBy;
using detail::Name;
using detail::NamedSleep;
using detail::NameKind;
using detail::PartyStep;
using detail::Seat;

}  // namespace

Taken ConditionWord::wait(Roster& roster, Until until, const Lock& lock) {
    Seat& seat = detail::seat_in(roster);
    NamedSleep sleep(roster, seat, bell_, ChangedBy::exchange);
    sleep.prepare();
    const auto refusal = [&] {
        if (has_ended_.load(std::memory_order_seq_cst) != 0) {
            return Taken::no_more;
        }
        return sleep.is_broken() ? Taken::no_broken : Taken::yes;
    };
    if (const Taken refused = refusal(); refused != Taken::yes) {
        return refused;
    }
    lock.let_go(lock.handle);
    while (sleep.wait(until) && !sleep.has_rung()) {
        // There is nothing to look at but the bell, and whoever comes back looks at what the lock
        // protects: not after each slice.
    }
    seat.was_woken(bell_, lock.word);  // while the seat still says that it slept
    detail::reached(PartyStep::took);
    if (const Taken refused = refusal(); refused != Taken::yes) {
        return refused;
    }
    const bool is_over = left_until(until) == std::chrono::nanoseconds::zero();
    return is_over && !sleep.has_rung() ? Taken::no_time : Taken::yes;
}

void ConditionWord::give_up(Roster& roster, const Lock& lock) {
    bell_.ring();
    detail::reached(PartyStep::rang);
    detail::seat_in(roster).has_let_go_of(lock.word);
}

Taken ConditionWord::ring(Roster& roster, std::uint32_t most) {
    Seat& seat = detail::seat_in(roster);
    if (has_ended_.load(std::memory_order_seq_cst) != 0) {
        return Taken::no_more;
    }
    // Whoever waits for what the caller changed has set the bit before it let go of the lock.
    if (!bell_.is_slept_on()) {
        return Taken::yes;
    }
    const Name name(NameKind::bell, &bell_);
    if (!seat.note(name)) {
        return Taken::no_room;
    }
    detail::reached(PartyStep::named);
    bell_.ring_for(most);
    detail::reached(PartyStep::rang);
    seat.forget(name);
    detail::reached(PartyStep::forgot);
    return Taken::yes;
}

void ConditionWord::end() noexcept {
    has_ended_.store(1, std::memory_order_seq_cst);
    bell_.ring_after_death();
}

}  // namespace pinfold::shm

#include <pinfold/shm/parties/event_word.hpp>

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

Taken EventWord::set(Roster& roster) {
    Seat& seat = detail::seat_in(roster);
    const Name name(NameKind::bell, &bell_);
    if (!seat.note(name)) {
        return Taken::no_room;
    }
    detail::reached(PartyStep::named);
    std::uint32_t seen = state_.load(std::memory_order_seq_cst);
    const auto next = [](std::uint32_t state) { return ((state + 2) & counts) | set_bit; };
    while ((seen & (ended | set_bit)) == 0 &&
           !state_.compare_exchange_weak(seen, next(seen), std::memory_order_seq_cst)) {
    }
    detail::reached(PartyStep::let_go);
    // Also where another has set it: that one may be stopped before it rings.
    detail::wake_all_after_change(roster, bell_);
    seat.forget(name);
    detail::reached(PartyStep::forgot);
    return (seen & ended) != 0 ? Taken::no_more : Taken::yes;
}

Taken EventWord::clear(Roster& roster) {
    static_cast<void>(detail::seat_in(roster));
    const std::uint32_t before = state_.fetch_and(~set_bit, std::memory_order_seq_cst);
    return (before & ended) != 0 ? Taken::no_more : Taken::yes;
}

Taken EventWord::wait(Roster& roster, Until until) {
    Seat& seat = detail::seat_in(roster);
    const std::uint32_t before = state_.load(std::memory_order_seq_cst) & counts;
    return detail::look_or_sleep(roster, seat, bell_, ChangedBy::exchange, until, [&] {
        const std::uint32_t seen = state_.load(std::memory_order_seq_cst);
        if ((seen & ended) != 0) {
            return Taken::no_more;
        }
        const bool was_set = (seen & set_bit) != 0 || (seen & counts) != before;
        return was_set ? Taken::yes : Taken::no_time;
    });
}

void EventWord::end() noexcept {
    state_.fetch_or(ended, std::memory_order_seq_cst);
    bell_.ring_after_death();
}

}  // namespace pinfold::shm

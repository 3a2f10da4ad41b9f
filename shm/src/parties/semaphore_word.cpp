#include <pinfold/shm/parties/semaphore_word.hpp>

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

Taken SemaphoreWord::lower(Roster& roster, Until until) {
    Seat& seat = detail::seat_in(roster);
    return detail::look_or_sleep(roster, seat, bell_, ChangedBy::exchange, until,
                                 [this] { return try_to_lower(); });
}

Taken SemaphoreWord::try_to_lower() noexcept {
    std::uint32_t seen = count_.load(std::memory_order_seq_cst);
    while (seen != 0 && seen != ended) {
        if (count_.compare_exchange_weak(seen, seen - 1, std::memory_order_seq_cst)) {
            detail::reached(PartyStep::took);
            return Taken::yes;
        }
    }
    return seen == ended ? Taken::no_more : Taken::no_time;
}

SemaphoreWord::Raised SemaphoreWord::raise(Roster& roster, std::uint32_t by) {
    Seat& seat = detail::seat_in(roster);
    const Name name(NameKind::bell, &bell_);
    if (!seat.note(name)) {
        return Raised::no_room;
    }
    detail::reached(PartyStep::named);
    std::uint32_t seen = count_.load(std::memory_order_relaxed);
    const auto has_room = [&] { return seen != ended && by <= most - seen; };
    while (has_room() &&
           !count_.compare_exchange_weak(seen, seen + by, std::memory_order_seq_cst)) {
    }
    const bool is_raised = has_room();
    if (is_raised) {
        detail::reached(PartyStep::let_go);
        detail::wake_after_change(roster, bell_, by);
    }
    seat.forget(name);
    detail::reached(PartyStep::forgot);
    if (is_raised) {
        return Raised::yes;
    }
    return seen == ended ? Raised::no_more : Raised::too_high;
}

void SemaphoreWord::end() noexcept {
    count_.store(ended, std::memory_order_seq_cst);
    bell_.ring_after_death();
}

}  // namespace pinfold::shm

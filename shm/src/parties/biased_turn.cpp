#include <algorithm>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/biased_turn.hpp>
#include <pinfold/shm/parties/roster.hpp>

#include "parties/named_sleep.hpp"
#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm {

using detail::Name;
using detail::PartyStep;
using detail::Seat;

namespace {

// To take a favour away costs some microseconds, a turn some 20 ns more than a favour. So threads
// that come by turns soon do without, and whoever stays alone gets it again.
constexpr std::uint32_t least_needed = 16;
constexpr std::uint32_t most_needed = 4096;

}  // namespace

Taken BiasedTurn::take(const Roster& roster, const Seat& seat, Place place, const Name& name,
                       Doorbell& is_free) noexcept {
    const detail::Token mine = seat.token();
    // Without the turn, so that nobody who comes meanwhile finds that it is taken.
    if (!is_left_by_favoured(roster, place, name)) {
        return Taken::no_time;
    }
    detail::Token seen = detail::no_token;
    if (!turn_.compare_exchange_strong(seen, mine, std::memory_order_seq_cst)) {
        if (seen == ended) {
            return Taken::no_more;
        }
        return seen == mine ? Taken::no_own : Taken::no_time;
    }
    detail::reached(PartyStep::took);
    const Taken taken = take_favour(roster, place, name);
    if (taken == Taken::yes) {
        favour_who_comes_often(place);
    } else {
        let_go(mine);
        detail::wake_after_change(roster, is_free, 1);
    }
    return taken;
}

/// Whether whoever has lost its favour has left too, as far as one can see.
bool BiasedTurn::is_left_by_favoured(const Roster& roster, Place mine,
                                     const Name& name) const noexcept {
    const Place favoured = favoured_.load(std::memory_order_seq_cst);
    const Place whose = favoured & ~taken_away;
    return favoured == whose || whose == mine || !roster.is_named_at(detail::seat_of(whose), name);
}

Taken BiasedTurn::take_favour(const Roster& roster, Place mine, const Name& name) noexcept {
    for (Place seen = favoured_.load(std::memory_order_seq_cst); seen != nobody;
         seen = favoured_.load(std::memory_order_seq_cst)) {
        if (seen == has_ended) {
            return Taken::no_more;
        }
        const Place whose = seen & ~taken_away;
        if (whose != mine) {
            // Also where somebody else began: that one may have died before it fenced.
            if (seen == whose && !favoured_.compare_exchange_strong(seen, seen | taken_away,
                                                                    std::memory_order_seq_cst)) {
                continue;
            }
            detail::reached(PartyStep::took_favour_away);
            static_cast<void>(heavy_fence());
            std::atomic_thread_fence(std::memory_order_seq_cst);
            if (roster.is_named_at(detail::seat_of(whose), name)) {
                return Taken::no_time;
            }
            seen = whose | taken_away;
        }
        if (favoured_.compare_exchange_strong(seen, nobody, std::memory_order_seq_cst)) {
            needed_ = std::clamp(2 * needed_, least_needed, most_needed);
        }
    }
    return Taken::yes;
}

void BiasedTurn::favour_who_comes_often(Place mine) noexcept {
    times_ = last_ == mine ? times_ + 1 : 0;
    last_ = mine;
    if (times_ >= needed_) {
        times_ = 0;
        Place seen = nobody;
        favoured_.compare_exchange_strong(seen, mine, std::memory_order_seq_cst);
        detail::reached(PartyStep::favoured);
    }
}

void BiasedTurn::let_go(detail::Token token) noexcept {
    detail::Token seen = token;
    turn_.compare_exchange_strong(seen, detail::no_token, std::memory_order_seq_cst);
}

bool BiasedTurn::give_up_favour(Place place) noexcept {
    Place seen = place | taken_away;
    return favoured_.load(std::memory_order_relaxed) == seen &&
           favoured_.compare_exchange_strong(seen, nobody, std::memory_order_seq_cst);
}

void BiasedTurn::end() noexcept {
    favoured_.store(has_ended, std::memory_order_seq_cst);
    turn_.store(ended, std::memory_order_seq_cst);
}

bool BiasedTurn::was_in(detail::Token dead) const noexcept {
    const Place favoured = favoured_.load(std::memory_order_seq_cst);
    if (favoured == nobody) {
        return turn_.load(std::memory_order_seq_cst) == dead;
    }
    // With the turn alone it waited until that seat's thread was out. Under another process's
    // favour for the same seat nobody is in.
    return ((favoured ^ dead) & seats) == 0;
}

void BiasedTurn::forget_process(ProcessNumber process) noexcept {
    Place seen = favoured_.load(std::memory_order_seq_cst);
    while (seen != nobody && seen != has_ended &&
           (seen & ~taken_away) >> detail::seat_bits == process &&
           !favoured_.compare_exchange_weak(seen, nobody, std::memory_order_seq_cst)) {
    }
}

}  // namespace pinfold::shm

#include "parties/seat_burial.hpp"

#include <pinfold/shm/parties/barrier_word.hpp>
#include <pinfold/shm/parties/owner_word.hpp>

#include "reached_party_step.hpp"

namespace pinfold::shm::detail {

namespace {

void bury_name(Name name, Token dead) noexcept {
    switch (name.kind()) {
        case NameKind::owner:
            name.word<OwnerWord>().abandon(dead);
            break;
        case NameKind::permit:
            name.word<OwnerWord>().release(dead);
            break;
        case NameKind::member:
            BarrierWord::bury(name.word<BarrierWord::Member>(), dead);
            break;
        case NameKind::bell:
            name.word<Doorbell>().ring_after_death();
            break;
    }
}

}  // namespace

void bury_seat(Seat& seat) noexcept {
    Seat::Life life = seat.life.load(std::memory_order_acquire);
    if (life.is_taken == 0) {
        return;
    }
    const Token dead = token_of(seat.number.load(std::memory_order_relaxed), life.incarnation);
    for (std::atomic<Name>& place : seat.names) {
        const Name name = place.load(std::memory_order_acquire);
        if (!name.is_empty()) {
            bury_name(name, dead);
            reached(PartyStep::buried_name);
            place.store(Name(), std::memory_order_release);
        }
    }
    // It may have been woken in place of another.
    if (Doorbell* const bell = seat.sleeps_on.load(std::memory_order_acquire)) {
        bell->ring_after_death();
        reached(PartyStep::buried_bell);
        seat.sleeps_on.store(nullptr, std::memory_order_release);
    }
    ++life.incarnation;
    life.is_taken = 0;
    seat.life.store(life, std::memory_order_release);
}

}  // namespace pinfold::shm::detail

#include "parties/seat_burial.hpp"

#include <pinfold/shm/parties/barrier_word.hpp>
#include <pinfold/shm/parties/bounded_word.hpp>
#include <pinfold/shm/parties/message_ring.hpp>
#include <pinfold/shm/parties/owner_word.hpp>
#include <pinfold/shm/parties/pipe_channel.hpp>
#include <pinfold/shm/parties/shared_word.hpp>

#include "reached_party_step.hpp"

namespace pinfold::shm::detail {

namespace {

/// Whose burial it is.
struct Dead {
    Token token;
    Heap* heap;
    PartyNumber party;
};

Token token_in(const Seat& seat) noexcept {
    return token_of(seat.number.load(std::memory_order_relaxed),
                    seat.life.load(std::memory_order_acquire).incarnation);
}

void bury_name(Name name, std::uint32_t part, const Dead& dead) noexcept {
    switch (name.kind()) {
        case NameKind::owner:
            name.word<OwnerWord>().abandon(dead.token);
            break;
        case NameKind::permit:
            name.word<OwnerWord>().release(dead.token);
            break;
        case NameKind::member:
            BarrierWord::bury(name.word<BarrierWord::Member>(), dead.token);
            break;
        case NameKind::bell:
            name.word<Doorbell>().ring_after_death();
            break;
        case NameKind::ring:
            name.word<MessageRing>().bury(part, dead.token, dead.heap, dead.party);
            break;
        case NameKind::reader:
            name.word<SharedWord>().release_reader(dead.token);
            break;
        case NameKind::place:
            name.word<BoundedWord>().release(dead.token);
            break;
        case NameKind::pipe:
            name.word<PipeUsers>().channel->bury(name.word<PipeUsers>(), dead.token, dead.heap,
                                                 dead.party);
            break;
    }
}

}  // namespace

void Seat::forget_what_ended() noexcept {
    for (std::size_t place = named_; place > 0; --place) {
        const Name name = names[place - 1].load(std::memory_order_relaxed);
        if (name.kind() == NameKind::member &&
            BarrierWord::has_ended(name.word<BarrierWord::Member>())) {
            forget_at(place - 1);
        }
    }
}

void return_blocks(const Seat& seat, Heap& heap, PartyNumber party) noexcept {
    for (std::size_t place = 0; place < seat.names.size(); ++place) {
        const Name name = seat.names[place].load(std::memory_order_acquire);
        if (!name.is_empty() && name.kind() == NameKind::ring) {
            name.word<MessageRing>().return_block(seat.parts[place].load(std::memory_order_relaxed),
                                                  token_in(seat), heap, party);
        } else if (!name.is_empty() && name.kind() == NameKind::pipe) {
            name.word<PipeUsers>().channel->return_block(heap, party);
        }
    }
}

void bury_seat(Seat& seat, Heap* heap, PartyNumber party) noexcept {
    Seat::Life life = seat.life.load(std::memory_order_acquire);
    if (life.is_taken == 0) {
        return;
    }
    const Dead dead{token_in(seat), heap, party};
    for (std::size_t at = 0; at < seat.names.size(); ++at) {
        std::atomic<Name>& place = seat.names[at];
        const Name name = place.load(std::memory_order_acquire);
        if (!name.is_empty()) {
            bury_name(name, seat.parts[at].load(std::memory_order_relaxed), dead);
            reached(PartyStep::buried_name);
            place.store(Name(), std::memory_order_release);
        }
    }
    // It may have been woken in place of another.
    for (std::atomic<Doorbell*>* const place : {&seat.woken_by, &seat.sleeps_on}) {
        if (Doorbell* const bell = place->load(std::memory_order_acquire)) {
            bell->ring_after_death();
            reached(PartyStep::buried_bell);
            place->store(nullptr, std::memory_order_release);
        }
    }
    ++life.incarnation;
    life.is_taken = 0;
    seat.life.store(life, std::memory_order_release);
}

}  // namespace pinfold::shm::detail

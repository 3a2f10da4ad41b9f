#include <new>
#include <pinfold/shm/parties/bounded_word.hpp>

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

std::size_t BoundedWord::bytes_for(std::uint32_t places) noexcept {
    return sizeof(BoundedWord) + places * sizeof(Place);
}

BoundedWord& BoundedWord::make(void* memory, std::uint32_t places) {
    auto* const word = new (memory) BoundedWord(places);
    for (std::uint32_t each = 0; each < places; ++each) {
        new (reinterpret_cast<Place*>(word + 1) + each) Place(detail::no_token);
    }
    return *word;
}

BoundedWord::Place& BoundedWord::place(std::uint32_t number) const noexcept {
    // They lie behind the word, in the same shared memory, and are nobody's constants.
    return const_cast<Place&>(reinterpret_cast<const Place*>(this + 1)[number]);
}

BoundedWord::Place* BoundedWord::find(detail::Token wanted, detail::Token mine) const noexcept {
    std::uint32_t number = detail::seat_of(mine) % places_;
    for (std::uint32_t looks = 0; looks < places_; ++looks) {
        if (place(number).load(std::memory_order_seq_cst) == wanted) {
            return &place(number);
        }
        number = number + 1 == places_ ? 0 : number + 1;
    }
    return nullptr;
}

Taken BoundedWord::take(Roster& roster, Until until) {
    Seat& seat = detail::seat_in(roster);
    const Name name(NameKind::place, this);
    if (!seat.note(name)) {
        return Taken::no_room;
    }
    detail::reached(PartyStep::named);
    const Taken taken =
        detail::look_or_sleep(roster, seat, bell_, ChangedBy::exchange, until,
                              [this, mine = seat.token()] { return try_to_take(mine); });
    if (!is_taken(taken)) {
        seat.forget(name);
    }
    return taken;
}

Taken BoundedWord::try_to_take(detail::Token mine) noexcept {
    if (has_ended_.load(std::memory_order_seq_cst) != 0) {
        return Taken::no_more;
    }
    while (Place* const free = find(detail::no_token, mine)) {
        detail::Token nobody = detail::no_token;
        if (free->compare_exchange_strong(nobody, mine, std::memory_order_seq_cst)) {
            detail::reached(PartyStep::took);
            return Taken::yes;
        }
    }
    return Taken::no_time;
}

bool BoundedWord::give_back(Roster& roster) {
    Seat& seat = detail::seat_in(roster);
    const Name name(NameKind::place, this);
    Place* const mine = find(seat.token(), seat.token());
    if (mine == nullptr) {
        return has_ended_.load(std::memory_order_relaxed) != 0;
    }
    mine->exchange(detail::no_token, std::memory_order_seq_cst);
    detail::reached(PartyStep::let_go);
    detail::wake_after_change(roster, bell_, 1);
    seat.forget(name);
    detail::reached(PartyStep::forgot);
    return true;
}

std::uint32_t BoundedWord::free_places() const noexcept {
    std::uint32_t free = 0;
    for (std::uint32_t each = 0; each < places_; ++each) {
        free += place(each).load(std::memory_order_relaxed) == detail::no_token ? 1U : 0U;
    }
    return free;
}

void BoundedWord::end() noexcept {
    has_ended_.store(1, std::memory_order_seq_cst);
    bell_.ring_after_death();
}

void BoundedWord::release(detail::Token dead) noexcept {
    for (std::uint32_t each = 0; each < places_; ++each) {
        detail::Token seen = dead;
        place(each).compare_exchange_strong(seen, detail::no_token, std::memory_order_seq_cst);
    }
    bell_.ring_after_death();
}

}  // namespace pinfold::shm

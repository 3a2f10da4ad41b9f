#include <pinfold/engine/shared/event.hpp>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold {

namespace {

void end_event(void* words) {
    static_cast<shm::EventWord*>(words)->end();
}

constexpr detail::SharedKind event_kind{"Event", sizeof(shm::EventWord), end_event};

}  // namespace

Event::Event(const Space& space) : owner_(space.core(), event_kind) {}

shm::EventWord& Event::word() const {
    return *static_cast<shm::EventWord*>(owner_.words());
}

void Event::set() const {
    detail::hand_over_unseen(&word());
    detail::throw_unless_taken(word().set(owner_.roster()), "Event::set()");
}

void Event::clear() const {
    detail::throw_unless_taken(word().clear(owner_.roster()), "Event::clear()");
}

bool Event::wait_before(shm::Until until) const {
    const shm::Taken taken = word().wait(owner_.roster(), until);
    detail::throw_unless_taken(taken, "Event::wait()", &word());
    return shm::is_taken(taken);
}

bool Event::is_set() const {
    const bool is = word().is_set();
    if (is) {
        detail::take_over_unseen(&word());
    }
    return is;
}

}  // namespace pinfold

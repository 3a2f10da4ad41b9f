#include <pinfold/engine/shared/shared_mutex.hpp>

#include "handover.hpp"
#include "shared/refusal.hpp"
#include "shared/space_core.hpp"

namespace pinfold {

namespace {

using shm::Taken;

void end_shared_mutex(void* words) {
    static_cast<shm::SharedWord*>(words)->end();
}

detail::SharedKind shared_mutex_kind(std::uint32_t seats) {
    return {"SharedMutex", shm::SharedWord::bytes_for(seats), end_shared_mutex};
}

}  // namespace

SharedMutex::SharedMutex(const Space& space)
    : owner_(space.core(), shared_mutex_kind(space.core().roster().seats())) {
    shm::SharedWord::make(owner_.words(), owner_.roster().seats());
}

shm::SharedWord& SharedMutex::word() const {
    return *static_cast<shm::SharedWord*>(owner_.words());
}

void SharedMutex::lock() const {
    detail::throw_unless_taken(word().take(owner_.roster(), shm::for_ever, false),
                               "SharedMutex::lock()", &word());
}

bool SharedMutex::lock_before(shm::Until until) const {
    const Taken taken = word().take(owner_.roster(), until, false);
    detail::throw_unless_taken(taken, "SharedMutex::try_lock()", &word());
    return shm::is_taken(taken);
}

void SharedMutex::lock_shared() const {
    detail::throw_unless_taken(word().take_shared(owner_.roster(), shm::for_ever, false),
                               "SharedMutex::lock_shared()", &word());
}

bool SharedMutex::lock_shared_before(shm::Until until) const {
    const Taken taken = word().take_shared(owner_.roster(), until, false);
    detail::throw_unless_taken(taken, "SharedMutex::try_lock_shared()", &word());
    return shm::is_taken(taken);
}

bool SharedMutex::lock_or_recover() const {
    const Taken taken = word().take(owner_.roster(), shm::for_ever, true);
    detail::throw_unless_taken(taken, "SharedMutex::lock_or_recover()", &word());
    return taken == Taken::yes_abandoned;
}

bool SharedMutex::lock_shared_or_recover() const {
    const Taken taken = word().take_shared(owner_.roster(), shm::for_ever, true);
    detail::throw_unless_taken(taken, "SharedMutex::lock_shared_or_recover()", &word());
    return taken == Taken::yes_abandoned;
}

void SharedMutex::make_consistent() const {
    if (!word().make_consistent(owner_.roster())) {
        detail::throw_not_owner(word().writer(), owner_.roster(), "SharedMutex::make_consistent()");
    }
}

void SharedMutex::unlock() const {
    detail::hand_over_unseen(&word());
    if (!word().let_go(owner_.roster())) {
        detail::throw_not_owner(word().writer(), owner_.roster(), "SharedMutex::unlock()");
    }
}

void SharedMutex::unlock_shared() const {
    detail::hand_over_unseen(&word());
    if (!word().let_go_shared(owner_.roster())) {
        detail::throw_not_permitted(
            "SharedMutex::unlock_shared(): the calling thread does not hold it to read");
    }
}

}  // namespace pinfold

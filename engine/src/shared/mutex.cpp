#include <new>
#include <pinfold/engine/shared/mutex.hpp>

#include "shared/refusal.hpp"

namespace pinfold {

namespace {

void end_mutex(void* words) {
    static_cast<shm::OwnerWord*>(words)->end();
}

constexpr detail::SharedKind mutex_kind{"Mutex", sizeof(shm::OwnerWord), end_mutex};

}  // namespace

Mutex::Mutex(const Space& space) : owner_(space.core(), mutex_kind) {}

shm::OwnerWord& Mutex::word() const {
    return *static_cast<shm::OwnerWord*>(owner_.words());
}

void Mutex::lock() const {
    detail::throw_unless_taken(word().take(owner_.roster(), shm::for_ever, false), "Mutex::lock()");
}

bool Mutex::lock_before(shm::Until until) const {
    const auto taken = word().take(owner_.roster(), until, false);
    detail::throw_unless_taken(taken, "Mutex::try_lock()");
    return taken == shm::OwnerWord::Taken::yes;
}

bool Mutex::lock_or_recover() const {
    const auto taken = word().take(owner_.roster(), shm::for_ever, true);
    detail::throw_unless_taken(taken, "Mutex::lock_or_recover()");
    return taken == shm::OwnerWord::Taken::yes_abandoned;
}

void Mutex::make_consistent() const {
    if (!word().make_consistent(owner_.roster())) {
        detail::throw_not_owner(word(), owner_.roster(), "Mutex::make_consistent()");
    }
}

void Mutex::unlock() const {
    if (!word().let_go(owner_.roster())) {
        detail::throw_not_owner(word(), owner_.roster(), "Mutex::unlock()");
    }
}

const shm::OwnerWord& Mutex::word_to_wait_with() const {
    if (!word().is_owner(owner_.roster())) {
        detail::throw_not_owner(word(), owner_.roster(), "Condition::wait()");
    }
    return word();
}

}  // namespace pinfold

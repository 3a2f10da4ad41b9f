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

void Mutex::throw_why_not(shm::Taken taken) {
    detail::throw_unless_taken(taken, "Mutex::lock()");
}

void Mutex::throw_not_owner(const char* call) const {
    detail::throw_not_owner(word(), owner_.roster(), call);
}

bool Mutex::lock_before(shm::Until until) const {
    const auto taken = word().take(owner_.roster(), until, false);
    detail::throw_unless_taken(taken, "Mutex::try_lock()", &word());
    return taken == shm::OwnerWord::Taken::yes;
}

bool Mutex::lock_or_recover() const {
    const auto taken = word().take(owner_.roster(), shm::for_ever, true);
    detail::throw_unless_taken(taken, "Mutex::lock_or_recover()", &word());
    return taken == shm::OwnerWord::Taken::yes_abandoned;
}

void Mutex::make_consistent() const {
    if (!word().make_consistent(owner_.roster())) {
        throw_not_owner("Mutex::make_consistent()");
    }
}

const shm::OwnerWord& Mutex::word_to_wait_with() const {
    if (!word().is_owner(owner_.roster())) {
        throw_not_owner("Condition::wait()");
    }
    return word();
}

}  // namespace pinfold

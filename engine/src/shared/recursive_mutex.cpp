#include <pinfold/engine/shared/recursive_mutex.hpp>
#include <string>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold {

namespace {

void end_recursive_mutex(void* words) {
    static_cast<shm::RecursiveWord*>(words)->end();
}

constexpr detail::SharedKind recursive_mutex_kind{"RecursiveMutex", sizeof(shm::RecursiveWord),
                                                  end_recursive_mutex};

}  // namespace

RecursiveMutex::RecursiveMutex(const Space& space) : owner_(space.core(), recursive_mutex_kind) {}

shm::RecursiveWord& RecursiveMutex::word() const {
    return *static_cast<shm::RecursiveWord*>(owner_.words());
}

void RecursiveMutex::lock() const {
    detail::throw_unless_taken(word().take(owner_.roster(), shm::for_ever, false),
                               "RecursiveMutex::lock()", &word());
}

bool RecursiveMutex::lock_before(shm::Until until) const {
    const shm::Taken taken = word().take(owner_.roster(), until, false);
    detail::throw_unless_taken(taken, "RecursiveMutex::try_lock()", &word());
    return shm::is_taken(taken);
}

bool RecursiveMutex::lock_or_recover() const {
    const shm::Taken taken = word().take(owner_.roster(), shm::for_ever, true);
    detail::throw_unless_taken(taken, "RecursiveMutex::lock_or_recover()", &word());
    return taken == shm::Taken::yes_abandoned;
}

void RecursiveMutex::make_consistent() const {
    if (!word().make_consistent(owner_.roster())) {
        detail::throw_not_owner(word().word(), owner_.roster(),
                                "RecursiveMutex::make_consistent()");
    }
}

void RecursiveMutex::unlock() const {
    detail::hand_over_unseen(&word());
    if (!word().let_go(owner_.roster())) {
        detail::throw_not_owner(word().word(), owner_.roster(), "RecursiveMutex::unlock()");
    }
}

std::uint32_t RecursiveMutex::depth() const {
    return word().depth(owner_.roster());
}

const shm::OwnerWord& RecursiveMutex::word_to_wait_with() const {
    const std::uint32_t held = depth();
    if (held == 0) {
        detail::throw_not_owner(word().word(), owner_.roster(), "Condition::wait()");
    }
    if (held > 1) {
        detail::throw_not_permitted("Condition::wait(): the calling thread holds the mutex " +
                                    std::to_string(held) + " times, and would let go of one");
    }
    return word().word();
}

}  // namespace pinfold

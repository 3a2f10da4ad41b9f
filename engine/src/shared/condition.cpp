#include <limits>
#include <pinfold/engine/shared/condition.hpp>

#include "shared/refusal.hpp"

namespace pinfold {

namespace {

using shm::Taken;

void end_condition(void* words) {
    static_cast<shm::ConditionWord*>(words)->end();
}

constexpr detail::SharedKind condition_kind{"Condition", sizeof(shm::ConditionWord), end_condition};

}  // namespace

Condition::Condition(const Space& space) : owner_(space.core(), condition_kind) {}

shm::ConditionWord& Condition::word() const {
    return *static_cast<shm::ConditionWord*>(owner_.words());
}

void Condition::check(bool is_held) {
    if (!is_held) {
        detail::throw_not_permitted("Condition::wait(): the lock is not held");
    }
}

bool Condition::wait_before(const HeldLock& held, shm::Until until) const {
    shm::Roster& roster = owner_.roster();
    const shm::ConditionWord::Lock lock{held.word, held.lock, held.let_go};
    const Taken taken = word().wait(roster, until, lock);
    if (!held.is_held(held.lock)) {
        try {
            held.take(held.lock);
        } catch (...) {
            word().give_up(roster, lock);
            throw;
        }
    }
    detail::throw_unless_taken(taken, "Condition::wait()");
    return taken == Taken::yes;
}

void Condition::notify_one() const {
    detail::throw_unless_taken(word().ring(owner_.roster(), 1), "Condition::notify_one()");
}

void Condition::notify_all() const {
    constexpr auto all = std::numeric_limits<std::uint32_t>::max();
    detail::throw_unless_taken(word().ring(owner_.roster(), all), "Condition::notify_all()");
}

}  // namespace pinfold

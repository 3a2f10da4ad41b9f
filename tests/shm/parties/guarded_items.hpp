#pragma once

#include <pinfold/shm/parties/condition_word.hpp>
#include <pinfold/shm/parties/owner_word.hpp>

#include "parties/shared_roster.hpp"

namespace pinfold::shm::testing {

/// A number of items under a mutex, and a condition that tells when there are more.
struct GuardedItems {
    OwnerWord mutex;
    ConditionWord condition;
    int number = 0;
    bool is_over = false;

    [[nodiscard]] ConditionWord::Lock lock(Roster& roster) {
        static thread_local Roster* of_thread;
        of_thread = &roster;
        return {&mutex, this, [](void* items) {
                    static_cast<void>(static_cast<GuardedItems*>(items)->mutex.let_go(*of_thread));
                }};
    }

    /// Waits, and does not take the mutex again.
    [[nodiscard]] Taken wait(Roster& roster, Until until) {
        return condition.wait(roster, until, lock(roster));
    }

    /// Has the mutex, also from a dead one: `number` is never half changed.
    void enter(Roster& roster) {
        if (mutex.take(roster, for_ever, true) == Taken::yes_abandoned) {
            static_cast<void>(mutex.make_consistent(roster));
        }
    }

    void add(Roster& roster, int more, std::uint32_t wakes) {
        enter(roster);
        number += more;
        static_cast<void>(mutex.let_go(roster));
        static_cast<void>(condition.ring(roster, wakes));
    }

    /// Takes one as soon as there is one; calls `at_wake` under the mutex when it was woken.
    /// Returns false when it is over before that.
    template <typename AtWake>
    [[nodiscard]] bool take(Roster& roster, AtWake at_wake) {
        enter(roster);
        while (number == 0 && !is_over) {
            static_cast<void>(wait(roster, for_ever));
            enter(roster);
            at_wake();
        }
        const bool is_there = number != 0;
        number -= is_there ? 1 : 0;
        return mutex.let_go(roster) && is_there;
    }
    [[nodiscard]] bool take(Roster& roster) {
        return take(roster, [] {});
    }
};

}  // namespace pinfold::shm::testing

#include <pinfold/engine/detail/shared/two_copies.hpp>

#include "handover.hpp"
#include "shared/refusal.hpp"

namespace pinfold::detail {

ValueTurn::ValueTurn(shm::OwnerWord& word, shm::Roster& roster) : word_(word), roster_(roster) {
    const auto taken = word.take(roster, shm::for_ever, true);
    throw_unless_taken(taken, "Value", &word);
    if (taken == shm::OwnerWord::Taken::yes_abandoned) {
        // The value is whole: the dead one had made its own the value, or had not.
        static_cast<void>(word.make_consistent(roster));
    }
}

ValueTurn::~ValueTurn() {
    hand_over_unseen(&word_);
    static_cast<void>(word_.let_go(roster_));
}

}  // namespace pinfold::detail

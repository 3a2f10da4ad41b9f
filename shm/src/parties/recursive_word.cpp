#include <limits>
#include <pinfold/shm/parties/recursive_word.hpp>

#include "reached_party_step.hpp"

namespace pinfold::shm {

using detail::PartyStep;

// The depth is that of whoever owns the word, and of nobody else: a dead one's stays, and the next
// owner begins at 1 whatever it finds.

Taken RecursiveWord::take(Roster& roster, Until until, bool accepts_abandoned) {
    const std::uint32_t before = depth(roster);
    if (before == std::numeric_limits<std::uint32_t>::max()) {
        return Taken::no_room;
    }
    if (before != 0) {
        depth_.store(before + 1, std::memory_order_relaxed);
        detail::reached(PartyStep::raised_depth);
        return accepts_abandoned && word_.is_abandoned() ? Taken::yes_abandoned : Taken::yes;
    }
    const Taken taken = word_.take(roster, until, accepts_abandoned);
    if (is_taken(taken)) {
        depth_.store(1, std::memory_order_relaxed);
        detail::reached(PartyStep::raised_depth);
    }
    return taken;
}

bool RecursiveWord::let_go(Roster& roster) {
    const std::uint32_t before = depth(roster);
    if (before > 1) {
        depth_.store(before - 1, std::memory_order_relaxed);
        detail::reached(PartyStep::lowered_depth);
        return true;
    }
    return word_.let_go(roster);
}

}  // namespace pinfold::shm

#pragma once

#include <functional>

#include "party_step.hpp"

namespace pinfold::shm::testing {

/// Ends a process by SIGKILL when it reaches `step` for the time number `passing`, counted from 1
/// over all processes but the one that arms it. It strikes once.
void arm_party_crash_point(detail::PartyStep step, int passing);

/// The same, but the process is stopped.
void arm_party_stop_point(detail::PartyStep step, int passing);

/// As they do outside of these tests. For processes that are forked from now on.
void let_sleepers_look_again();

/// No process dies any more.
void disarm_party_crash_point();

/// Whether it has struck since it was armed.
[[nodiscard]] bool party_crash_point_struck();

}  // namespace pinfold::shm::testing

#pragma once

#include <vector>

#include "harness/contest.hpp"
#include "harness/figures.hpp"

namespace bench {

/// Runs the contest's cases in turns, those for which `takes_part` is set, and returns each case's
/// blocks.
///
/// A runner lives for one block, so nobody who is idle spins or wakes beside another case. While it
/// lives, the caller is bound where it asks for it.
[[nodiscard]] std::vector<Blocks> run_in_turns(const Contest& contest,
                                               const std::vector<bool>& takes_part);

}  // namespace bench

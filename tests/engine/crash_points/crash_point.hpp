#pragma once

#include <functional>

#include "step.hpp"

namespace pinfold::testing {

inline constexpr int any_worker = -1;

/// Ends a worker by SIGKILL at its arrival at a step: the one that passes `step` for the time
/// number `passing`, counted from 1 over all workers that `worker` means. It strikes once, in any
/// pool of this process, also in one that was made before.
void arm_crash_point(detail::Step step, int passing, int worker = any_worker);

/// No worker dies any more.
void disarm_crash_point();

/// Whether it has struck since it was armed.
[[nodiscard]] bool crash_point_struck();

/// Calls `hook` at every step that the calling thread reaches from now on, in whatever process. It
/// must not throw: the claim loop is mostly noexcept.
void at_each_step_of_this_thread(std::function<void(detail::Step)> hook);

}  // namespace pinfold::testing

#pragma once

#include <functional>

#include "heap_step.hpp"

namespace pinfold::shm::testing {

/// Ends a process by SIGKILL at its arrival at a step of a heap: the one that passes `step` for the
/// time number `passing`, counted from 1 over all processes, and of which `may_die` says so. It
/// strikes once. Without `may_die`, the process that arms it is spared.
void arm_heap_crash_point(detail::HeapStep step, int passing,
                          std::function<bool()> may_die = nullptr);

/// No process dies any more.
void disarm_heap_crash_point();

/// Whether it has struck since it was armed.
[[nodiscard]] bool heap_crash_point_struck();

/// Calls `hook` at every step that the calling thread reaches from now on. It must not throw.
void at_each_heap_step_of_this_thread(std::function<void(detail::HeapStep)> hook);

}  // namespace pinfold::shm::testing

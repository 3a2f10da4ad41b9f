#pragma once

namespace pinfold::detail {

/// Sees to it that a child which user code ends by exit(), quick_exit() or the end of its last
/// thread leaves as leave_child() does: no exit handler of the host runs in it. What that code
/// itself registered runs before.
///
/// The host calls it before it forks a supervisor or a Process. A child could not: to register a
/// handler takes the C library's lock on the exit functions, which another thread of the host may
/// hold at the fork, and then nobody gives it back. A call costs no memory beyond the first one,
/// unless the host has registered handlers of its own since the last call.
///
/// Thread-safety: one call at a time; whoever forks holds the ForkLock.
void arm_exit_handlers();

}  // namespace pinfold::detail

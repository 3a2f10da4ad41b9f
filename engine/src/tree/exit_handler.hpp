#pragma once

namespace pinfold::detail {

/// Sees to it that a worker which a map ends by exit(), quick_exit() or the end of its last thread
/// leaves as leave_child() does: no exit handler of the host runs in it. What the map itself
/// registered runs before.
///
/// The host calls it before it forks a supervisor. A worker could not: to register a handler takes
/// the C library's lock on the exit functions, which another thread of the host may hold at the
/// fork, and then nobody gives it back. A call costs no memory beyond the first one, unless the
/// host has registered handlers of its own since the last call.
///
/// Thread-safety: one call at a time; whoever forks supervisors one at a time has a lock for it.
void arm_exit_handlers();

}  // namespace pinfold::detail

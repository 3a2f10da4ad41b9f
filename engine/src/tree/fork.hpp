#pragma once

#include <sys/types.h>

#include <functional>

namespace pinfold::detail {

/// Forks a child that runs `body` and leaves by _exit() with what it returns; returns the child's
/// pid.
///
/// No signal handler of the parent ever runs in the child: all its dispositions are the default,
/// its mask is empty, and it ignores INT, TERM, HUP and QUIT, which a terminal sends to the whole
/// group: the host decides. Buffered stdio of the parent is written before. Throws
/// std::system_error that says `what` could not be started.
pid_t fork_child(const char* what, const std::function<int()>& body);

/// Ends the process as a child of fork_child() must: with what it printed, without the destructors
/// of the program that it is a copy of.
[[noreturn]] void leave_child(int status) noexcept;

}  // namespace pinfold::detail

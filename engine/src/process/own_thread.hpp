#pragma once

#include <functional>

namespace pinfold::detail {

/// Runs `body` on a thread of its own and returns when it has ended; lets out what it throws. No
/// signal handler of the program runs on that thread.
///
/// What forks there gives its child a stack of its own, as large as RLIMIT_STACK says, 8 MiB where
/// that is unlimited, with a guard page below: the caller's stack may be of any size. The child
/// also begins with a state of its own in libraries that keep one a thread: OpenMP's runtime does
/// not wait for the team that the caller's thread once had.
///
/// Throws std::system_error when there is no such thread to be had. Cost: some 30 µs.
void on_own_thread(const std::function<void()>& body);

}  // namespace pinfold::detail

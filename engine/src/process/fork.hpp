#pragma once

#include <sys/types.h>

#include <utility>

namespace pinfold::detail {

/// What a child is for.
enum class Forked {
    for_pool,     ///< it works for a pool, and so do its own children
    for_program,  ///< it runs a part of the program, and may itself make pools
};

/// Forks. Returns the child's pid to the parent, 0 to the child, -1 and an errno when there is no
/// child.
///
/// No signal handler of the parent ever runs in the child: its dispositions are the default, apart
/// from what the parent ignores, and its mask is empty. It ignores INT, HUP and QUIT, which a
/// terminal sends to the whole group, and TERM when it is for a pool: the host decides. What the
/// parent has buffered stays the parent's to write.
///
/// Takes no lock in the child, and in the parent none that its threads hold for longer than an
/// allocation takes.
[[nodiscard]] pid_t fork_in_order(Forked what) noexcept;

/// Whether this process was forked so, or by one that was.
[[nodiscard]] bool inside_child() noexcept;

/// Ends the process as a child must: with what it printed, without the destructors of the program
/// that it is a copy of.
[[noreturn]] void leave_child(int status) noexcept;

/// The same for a child in which no code of a user's has run, so that there is nothing to write.
[[noreturn]] void leave_mute_child(int status) noexcept;

inline constexpr int child_failed = 70;  // EX_SOFTWARE of sysexits.h

/// Forks a child that runs `body` and leaves with the status that it returns, or with child_failed
/// when it throws: nothing of the parent's frames runs in it. Returns as fork_in_order() does to a
/// parent.
template <typename Body>
[[nodiscard]] pid_t fork_child(Forked what, Body&& body) noexcept {
    const pid_t pid = fork_in_order(what);
    if (pid == 0) {
        try {
            leave_child(std::forward<Body>(body)());
        } catch (...) {
            leave_child(child_failed);  // in here: the end of a thread, say, may not be caught
        }
    }
    return pid;
}

}  // namespace pinfold::detail

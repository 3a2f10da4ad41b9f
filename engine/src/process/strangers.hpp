#pragma once

#include <sys/types.h>

#include <span>

namespace pinfold::detail {

/// How to look for children.
enum class Search {
    listed,  ///< those that /proc lists
    all,  ///< where it lists none, one of any process number there may be: half a second for none
};

/// Kills the children of this process that are not among `known`: what maps left behind. Takes no
/// lock.
void kill_strangers(std::span<const pid_t> known, Search search) noexcept;

/// Kills process `pid` if it has this name, for a process that is no child. Does nothing without
/// /proc.
void kill_process_named(pid_t pid, const char* name) noexcept;

}  // namespace pinfold::detail

#pragma once

#include <sys/types.h>

#include <span>

namespace pinfold::detail {

/// How to look for children.
enum class Search {
    listed,  ///< those that /proc lists
    all,     ///< where it lists none, any process number there may be: some half a second
};

/// Kills the children of this process that are not among `known`: what maps left behind. Takes no
/// lock.
void kill_strangers(std::span<const pid_t> known, Search search) noexcept;

}  // namespace pinfold::detail

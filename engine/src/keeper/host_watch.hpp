#pragma once

#include <sys/types.h>

#include <pinfold/shm/parties/roster.hpp>

namespace pinfold::detail {

/// In a Process that outlives its host: starts a thread that waits for the host's end, and then
/// wakes all who wait in shared objects, since nobody buries any more. Throws std::system_error.
void watch_host(shm::Roster& roster, pid_t host);

}  // namespace pinfold::detail

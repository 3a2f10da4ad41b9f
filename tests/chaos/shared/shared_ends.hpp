#pragma once

#include <cstdint>

#include "shared_round.hpp"

namespace chaos {

/// Threads of the host and Processes that wait on each object, for what does not come, while the
/// supervisor of their pool is killed: each is told. Throws std::runtime_error where one is not.
void kill_a_supervisor(SharedFigures& figures);

/// A host is killed while its Processes and workers use all objects: nothing stays.
void kill_a_host(SharedFigures& figures, std::uint64_t seed);

}  // namespace chaos

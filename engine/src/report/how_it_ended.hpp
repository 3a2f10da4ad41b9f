#pragma once

#include <string>

#include "worker_death.hpp"

namespace pinfold::detail {

/// The end of a worker in words, such as "signal 9 (Killed)".
[[nodiscard]] std::string how_it_ended(const WorkerDeath& death);

}  // namespace pinfold::detail

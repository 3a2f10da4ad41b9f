#pragma once

#include <pinfold/api.hpp>

namespace pinfold::affinity {

/// The largest number of workers that can be placed.
inline constexpr int max_workers = 1024;

}  // namespace pinfold::affinity

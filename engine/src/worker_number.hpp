#pragma once

#include <cstdint>

namespace pinfold::detail {

/// A worker's place among the workers of its pool, from 0 on. Its successor after a death has the
/// same; shm::PartyId tells them apart.
using WorkerNumber = std::uint32_t;

}  // namespace pinfold::detail

#pragma once

#include <cstdint>
#include <pinfold/shm/party.hpp>

namespace pinfold::detail {

/// A worker's place among the workers of its pool, from 0 on. Its successor after a death has the
/// same; shm::PartyId tells them apart.
using WorkerNumber = std::uint32_t;

class TaskRunner;

/// A worker, for the thread or process that it is.
struct WorkerHere {
    const shm::Party* party = nullptr;  // none: it is no worker
    WorkerNumber number = 0;
    TaskRunner* tasks = nullptr;  // what runs tasks there
};

}  // namespace pinfold::detail

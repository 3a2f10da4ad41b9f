#pragma once

#include <atomic>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

#include "tree/tree_status.hpp"

namespace pinfold::detail {

/// The root of what a pool's host, supervisor and workers share, whatever they work on.
struct Workforce {
    alignas(shm::cache_line) shm::Doorbell work;  // something may be taken, or the pool closes
    alignas(shm::cache_line) std::atomic<bool> closing{false};
    shm::Party host;
    std::span<shm::Party> workers;  // by worker number
    TreeStatus tree;                // of the process crew
};

}  // namespace pinfold::detail

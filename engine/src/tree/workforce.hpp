#pragma once

#include <atomic>
#include <cstdint>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/party.hpp>
#include <span>

#include "tree/tree_status.hpp"

namespace pinfold::detail {

/// The root of what a pool's host, supervisor and workers share, whatever they work on.
struct Workforce {
    alignas(shm::cache_line) shm::Doorbell work;  // something may be taken, or the pool closes
    std::atomic<std::uint32_t> roll_call{0};      // its value when all were last called
    alignas(shm::cache_line) std::atomic<bool> closing{false};
    shm::Party host;
    std::span<shm::Party> workers;  // by worker number
    TreeStatus tree;                // of the process crew

    /// Calls workers for so many pieces of work that were put out: one for each, as far as there
    /// are workers. Returns how many asleep were called; when all were, that is not known, and 0.
    std::uint32_t call(std::uint64_t pieces) noexcept {
        if (pieces == 0) {
            return 0;
        }
        if (pieces < workers.size()) {
            return work.ring_for(static_cast<std::uint32_t>(pieces));
        }
        roll_call.store(work.ring(), std::memory_order_release);
        return 0;
    }
};

}  // namespace pinfold::detail

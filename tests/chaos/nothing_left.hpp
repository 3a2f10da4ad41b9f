#pragma once

#include <stdexcept>
#include <string>

#include "leftovers.hpp"

namespace chaos {

/// Throws std::runtime_error for what a round has left behind.
inline void require_nothing_left(const pinfold::testing::Leftovers& before) {
    const pinfold::testing::Leftovers after;
    if (after.processes != before.processes) {
        throw std::runtime_error(std::to_string(after.processes.size()) + " processes are left");
    }
    if (after.descriptors != before.descriptors) {
        throw std::runtime_error("of " + std::to_string(before.descriptors) + " descriptors " +
                                 std::to_string(after.descriptors) + " are open");
    }
    if (after.shared_memory != before.shared_memory) {
        throw std::runtime_error("a name in /dev/shm is left");
    }
}

}  // namespace chaos

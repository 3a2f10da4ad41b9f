#include "shared/space_limits.hpp"

#include <algorithm>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/engine/limits.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <stdexcept>
#include <string>
#include <utility>

namespace pinfold::detail {

namespace {

static_assert(most_seats == shm::most_seats);

// For threads of the host, of workers and of Processes beside their first ones.
constexpr std::size_t seats_beside_processes = 1000;

void check(const char* option, int value, int most) {
    if (value < 0 || value > most) {
        throw std::invalid_argument(std::string(option) + " " + std::to_string(value) +
                                    " is outside 0 to " + std::to_string(most));
    }
}

}  // namespace

SpaceLimits checked_limits(std::size_t workers, int processes, int seats) {
    check("processes", processes, most_processes);
    check("seats", seats, most_seats);
    SpaceLimits limits{workers, static_cast<std::size_t>(processes),
                       static_cast<std::size_t>(seats)};
    if (limits.seats == 0) {
        limits.seats = std::min<std::size_t>(workers + limits.processes + seats_beside_processes,
                                             shm::most_seats);
    }
    return limits;
}

// shm does not know cgroups, affinity does.
shm::ArenaOptions space_arena(std::size_t bytes, const SpaceLimits& limits) {
    return {.bytes = bytes,
            .budget =
                [] {
                    affinity::MemoryHeadroom headroom = affinity::memory_headroom();
                    return shm::MemoryBudget{headroom.bytes, std::move(headroom.limit)};
                },
            .heap_parties = 1 + 2 * limits.workers + limits.processes};
}

}  // namespace pinfold::detail

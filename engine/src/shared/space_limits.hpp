#pragma once

#include <cstddef>
#include <pinfold/shm/arena.hpp>

namespace pinfold::detail {

/// How many can use a space.
struct SpaceLimits {
    std::size_t workers = 0;
    std::size_t processes = 0;  ///< at a time
    std::size_t seats = 0;      ///< threads at a time
};

/// Those that a user's options say; 0 seats are as many as mostly do. Throws std::invalid_argument
/// for options that are out of their range.
[[nodiscard]] SpaceLimits checked_limits(std::size_t workers, int processes, int seats);

/// An arena for a space. Its heap has a party for the host and for what each worker does for the
/// pool, then one for what each worker and each Process does with shared objects.
[[nodiscard]] shm::ArenaOptions space_arena(std::size_t bytes, const SpaceLimits& limits);

}  // namespace pinfold::detail

#pragma once

#include <pinfold/affinity/max_workers.hpp>
#include <pinfold/api.hpp>

namespace pinfold {

/// The largest number of workers that a pool may have.
using affinity::max_workers;

/// The largest number of times that a chunk may be started before it counts as poison.
inline constexpr int most_attempts = 100;

/// The largest PoolOptions::task_slots.
inline constexpr int most_task_slots = 65536;

/// The largest number of Processes at a time: PoolOptions::processes and SharedOptions::processes.
inline constexpr int most_processes = 2048;

/// The largest number of threads that use shared objects: PoolOptions::seats and
/// SharedOptions::seats.
inline constexpr int most_seats = 4094;

}  // namespace pinfold

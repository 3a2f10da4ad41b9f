#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>

namespace pinfold::kernels {

/// A digit in base 2^64. Long numbers are arrays of limbs, the least significant one first.
using Limb = std::uint64_t;

/// A calculation in steps, for a caller who brings the threads or processes. The tasks of a step
/// may run side by side and in any order, once all tasks of the step before are over.
///
/// A task reads only what earlier steps left in the caller's memory, and writes only its own part
/// of that memory. So a task that was broken off may simply run again.
template <typename T>
concept Stepwise = requires(const T& calculation, std::size_t step) {
    { calculation.steps() } -> std::same_as<std::size_t>;
    { calculation.tasks(step) } -> std::same_as<std::size_t>;
};

/// Runs all tasks in the calling thread: `run(step, task)`.
template <Stepwise T, typename Run>
void run_in_turn(const T& calculation, Run run) {
    for (std::size_t step = 0; step < calculation.steps(); ++step) {
        for (std::size_t task = 0; task < calculation.tasks(step); ++task) {
            run(step, task);
        }
    }
}

}  // namespace pinfold::kernels

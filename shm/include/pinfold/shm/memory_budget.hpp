#pragma once

#include <cstddef>
#include <pinfold/api.hpp>
#include <string>

namespace pinfold::shm {

/// How much more memory may be taken now, and which limit says so.
struct MemoryBudget {
    std::size_t bytes = static_cast<std::size_t>(-1);  ///< the largest value when nothing limits
    std::string limit = "no limit";                    ///< what a refusal names
};

/// The budget of an arena that is given no other: what the machine has left, MemAvailable of
/// /proc/meminfo. The limits of cgroups are not looked at. Where the file cannot be read there is
/// no limit. Run time: some 5 µs. Thread-safety: any.
[[nodiscard]] PINFOLD_API MemoryBudget available_memory();

}  // namespace pinfold::shm

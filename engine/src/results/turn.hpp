#pragma once

#include <cstdint>

namespace pinfold::detail {

/// How long a worker stays at one job, or at tasks, while others wait for their turn. That hides
/// what it costs to go from one to another (some 0.2 µs), and lets a short job wait for no more
/// than that, or one chunk, for each other one; chosen by sharing_bench.
inline constexpr std::int64_t turn_ns = 25'000;

}  // namespace pinfold::detail

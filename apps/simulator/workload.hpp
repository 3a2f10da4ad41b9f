#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "simulator/simulator.hpp"

namespace pinfold::apps {

/// So many chunks that take the same time.
[[nodiscard]] Workload equal_chunks(std::uint64_t count, double seconds);

/// Chunks whose times are lognormal: of this mean, and this ratio of standard deviation to mean.
[[nodiscard]] Workload lognormal_chunks(std::uint64_t count, double mean_seconds, double variation,
                                        std::uint64_t seed);

/// More chunks of the same kind: times drawn from those that were measured, with the same trend
/// from the first chunk to the last. Throws std::invalid_argument where none was measured.
[[nodiscard]] Workload like_measured(std::span<const double> seconds, std::uint64_t count,
                                     std::uint64_t seed);

}  // namespace pinfold::apps

#include "simulator/workload.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <stdexcept>

namespace pinfold::apps {

namespace {

/// From 0, exclusive, to 1. Not by the standard's distributions, which differ among libraries.
double uniform(std::mt19937_64& random) {
    return (static_cast<double>(random() >> 12U) + 0.5) * 0x1p-52;
}

/// By Box and Muller (1958).
double normal(std::mt19937_64& random) {
    const double radius = std::sqrt(-2 * std::log(uniform(random)));
    return radius * std::cos(2 * std::numbers::pi * uniform(random));
}

}  // namespace

Workload equal_chunks(std::uint64_t count, double seconds) {
    return {.chunk_seconds = std::vector<double>(count, seconds)};
}

Workload lognormal_chunks(std::uint64_t count, double mean_seconds, double variation,
                          std::uint64_t seed) {
    std::mt19937_64 random(seed);
    const double square = std::log(1 + variation * variation);
    Workload work = equal_chunks(count, mean_seconds);
    for (double& seconds : work.chunk_seconds) {
        seconds *= std::exp(std::sqrt(square) * normal(random) - square / 2);
    }
    return work;
}

Workload like_measured(std::span<const double> seconds, std::uint64_t count, std::uint64_t seed) {
    if (seconds.empty()) {
        throw std::invalid_argument("chunks like measured ones: none was measured");
    }
    std::mt19937_64 random(seed);
    const auto size = static_cast<double>(seconds.size());
    Workload work = equal_chunks(count, 0);
    for (std::uint64_t i = 0; i < count; ++i) {
        // One of those near the same place of the range.
        const double place = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
        const double spread = (uniform(random) - 0.5) / 16;
        const double at = std::clamp(place + spread, 0.0, 1.0) * size;
        work.chunk_seconds[i] = seconds[std::min(static_cast<std::size_t>(at), seconds.size() - 1)];
    }
    return work;
}

}  // namespace pinfold::apps

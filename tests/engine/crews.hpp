#pragma once

#include <cstdint>
#include <pinfold/engine/map_reduce.hpp>

#include "make_pool.hpp"

namespace pinfold::testing {

struct Empty {};

/// The sum of the integers of a range, which has a closed form.
inline constexpr auto sum_map = [](const Empty&, const Chunk& chunk) {
    std::uint64_t sum = 0;
    for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
        sum += i;
    }
    return sum;
};

inline constexpr std::uint64_t sum_below(std::uint64_t n) {
    return n % 2 == 0 ? n / 2 * (n - 1) : (n - 1) / 2 * n;
}

/// What the workers of a report committed together.
inline std::uint64_t chunks_of_workers(const JobReport& report) {
    std::uint64_t sum = 0;
    for (const WorkerReport& worker : report.workers) {
        sum += worker.chunks;
    }
    return sum;
}

}  // namespace pinfold::testing

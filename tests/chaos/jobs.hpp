#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/timeline.hpp>
#include <span>
#include <string>

#include "at_work.hpp"

namespace chaos {

/// What all jobs of a round share.
struct Stage {
    pinfold::Pool& pool;
    pinfold::shm::Array<pinfold::testing::AtWork> at_work;
    std::chrono::nanoseconds chunk_deadline{0};
    pinfold::Timeline* timeline = nullptr;  // of the shape that runs, or none
};

/// Runs one job whose parameters come from `seed` and checks its value and that each chunk was
/// folded once. Returns what was wrong, or nothing.
using Shape = std::string (*)(Stage& stage, std::uint64_t seed);

/// Sums of integers and of doubles over ranges of few and of many chunks, outputs over arrays,
/// phases, a journal, results of any size, jobs inside of maps, and several of these at the same
/// time from threads of the host.
[[nodiscard]] std::span<const Shape> all_shapes();

// Of these, those of sized_jobs.cpp.
std::string folded_texts(Stage& stage, std::uint64_t seed);
std::string streamed_texts(Stage& stage, std::uint64_t seed);
std::string gathered_numbers(Stage& stage, std::uint64_t seed);

}  // namespace chaos

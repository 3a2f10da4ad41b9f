#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/engine/pool.hpp>
#include <span>
#include <string>

#include "at_work.hpp"

namespace chaos {

/// What the keyed jobs of a round share.
struct KeyedStage {
    pinfold::Pool& pool;
    pinfold::shm::Array<pinfold::testing::AtWork> at_work;
    std::chrono::nanoseconds chunk_deadline{0};
};

struct KeyedOutcome {
    std::string bytes;  // of the whole table, as it lies
    std::uint64_t keys = 0;
    std::uint64_t chunks = 0;
    std::uint64_t deaths = 0;  // that its report has
};

/// A keyed job whose input comes from `seed`.
struct KeyedJob {
    const char* name;
    KeyedOutcome (*run)(const KeyedStage& stage, std::uint32_t seed);
};

/// Counts of words, sums by integers, sums of doubles, texts that are joined in order, and groups.
[[nodiscard]] std::span<const KeyedJob> keyed_jobs();

}  // namespace chaos

#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/engine/pool.hpp>
#include <pinfold/shm/array.hpp>
#include <random>

#include "at_work.hpp"

namespace chaos {

/// The most tasks that a batch makes in the host.
inline constexpr std::size_t most_tasks = 300;

/// What all tasks of a round share.
struct Site {
    pinfold::shm::Array<pinfold::testing::AtWork> at_work;
    pinfold::shm::Array<int> calls;  // by task

    template <typename Archive>
    void serialize(Archive& archive) {
        archive(at_work, calls);
    }
};

struct Stage {
    pinfold::Pool& pool;
    const Site& site;
    std::minstd_rand& random;
    std::chrono::nanoseconds deadline{0};  // of each task; then none has tasks of its own
    bool has_jobs = false;                 // beside tasks; the pool keeps what it needs for them
};

/// How many tasks a batch made in the host, and how many of these had tasks of their own.
struct Made {
    std::uint64_t tasks = 0;
    std::uint64_t parents = 0;
};

/// Runs a batch of one kind or another and checks each value, that what was dropped ran, and that
/// what was cancelled did not. Throws std::runtime_error where something was wrong.
Made run_a_batch(const Stage& stage);

}  // namespace chaos

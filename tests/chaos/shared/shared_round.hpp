#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <random>

#include "leftovers.hpp"
#include "shared_lines.hpp"

namespace chaos {

/// What all rounds did.
struct SharedFigures {
    int rounds = 0;
    int confined_rounds = 0;  // to one or two CPUs
    int process_kills = 0;
    int woken_kills = 0;  // of these: as something came for which they slept
    int worker_kills = 0;
    int stops = 0;
    int long_stops = 0;
    int supervisor_kills = 0;
    int host_kills = 0;
    std::chrono::nanoseconds slowest_news{0};  // of a supervisor's death
    std::array<std::uint64_t, acts> done{};
    Kills kills{};
    std::uint64_t got_by_dead = 0;
};

/// That no name in /dev/shm has come to stay.
void require_no_new_name(const pinfold::testing::Leftovers& before);

/// Some dozens of kills in a pool or a Shared of its own. Where `stop_seconds` is not 0, one party
/// is stopped for so long, and others are to go on meanwhile. Throws std::runtime_error where
/// something is wrong.
void run_shared_round(std::minstd_rand& random, int stop_seconds, SharedFigures& figures);

}  // namespace chaos

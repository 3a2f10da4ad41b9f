#pragma once

// Something done by all workers of a pool at the same time, for measures of the machine.

#include <sched.h>

#include <atomic>
#include <chrono>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/pool.hpp>
#include <string>
#include <vector>

namespace pinfold::apps {

/// Where all parties wait for each other. It lies in the pool's arena.
struct Meeting {
    int arrived = 0;  // atomic
    int parties = 0;
};

/// Returns when all parties are here, or after a second, so that a lost one hangs nobody.
inline void meet(Meeting& meeting) noexcept {
    using Clock = std::chrono::steady_clock;
    const auto longest = Clock::now() + std::chrono::seconds(1);
    const std::atomic_ref<int> arrived(meeting.arrived);
    arrived.fetch_add(1);
    while (arrived.load() < meeting.parties && Clock::now() < longest) {
        sched_yield();
    }
}

/// Calls `measure(meeting, argument)` in each of so many worker processes with these pins at the
/// same time. It prepares, calls meet(), and returns what it then measures. Throws what a Pool
/// throws.
///
/// Whoever waits at the meeting takes no second chunk, so each worker gets one.
template <double (*measure)(Meeting&, double)>
std::vector<double> measure_together(int workers, const std::string& pin, double argument) {
    Pool pool({.crew = Crew::processes, .workers = workers, .pin = pin});
    const auto meeting = pool.array<Meeting>(1);
    const auto figures = pool.array<double>(static_cast<std::size_t>(workers));
    meeting[0].parties = workers;
    for_each_chunk(pool, Range{0, static_cast<std::uint64_t>(workers)},
                   [place = meeting.span(), all = figures.span(), argument](const Chunk& chunk) {
                       all[chunk.begin] = measure(place[0], argument);
                   },
                   {.grain = 1});
    return {figures.begin(), figures.end()};
}

}  // namespace pinfold::apps

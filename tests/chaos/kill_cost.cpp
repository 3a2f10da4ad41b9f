#include "kill_cost.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

#include "at_work.hpp"
#include "process_tree.hpp"

namespace chaos {

namespace {

using pinfold::Chunk;
using pinfold::testing::AtWork;
using Clock = std::chrono::steady_clock;

constexpr int chunks = 20;
constexpr std::uint64_t steps_a_chunk = 1'000'000;  // about 1 ms of dependent additions

std::uint64_t work(std::uint64_t seed) {
    std::uint64_t value = seed;
    for (std::uint64_t i = 0; i < steps_a_chunk; ++i) {
        value = value * 6364136223846793005U + 1442695040888963407U;
    }
    return value;
}

double milliseconds_since(Clock::time_point began) {
    return std::chrono::duration<double, std::milli>(Clock::now() - began).count();
}

double time_of_job(pinfold::Pool& pool, AtWork* at_work) {
    pinfold::JobOptions<std::uint64_t> options;
    options.grain = 1;
    options.max_attempts = 100;
    const auto began = Clock::now();
    const auto result = pinfold::map_reduce(
        pool, pinfold::Range{0, chunks}, at_work,
        [](AtWork* const& noted, const Chunk& chunk) {
            noted->note();
            return work(chunk.index);
        },
        std::bit_xor<>{}, options);
    const double took = milliseconds_since(began);
    static const std::uint64_t expected = [] {
        std::uint64_t value = 0;
        for (std::uint64_t i = 0; i < chunks; ++i) {
            value ^= work(i);
        }
        return value;
    }();
    if (result.value != expected) {
        throw std::runtime_error("a wrong value while measuring");
    }
    return took;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

KillCost measure_kill_cost(int pairs, unsigned seed) {
    pinfold::Pool pool({.workers = 1, .arena_bytes = std::size_t{1} << 24});
    const auto at_work = pool.array<AtWork>(1);
    const int supervisor = pinfold::testing::supervisor_of(getpid());
    std::minstd_rand random(seed);
    time_of_job(pool, at_work.data());
    std::vector<double> calm;
    std::vector<double> extra;
    while (static_cast<int>(extra.size()) < pairs) {
        calm.push_back(time_of_job(pool, at_work.data()));
        const auto moment =
            static_cast<useconds_t>(random() % (1 + static_cast<unsigned>(800 * median(calm))));
        bool killed = false;
        std::jthread killer([&] {
            usleep(moment);
            killed = at_work.begin()->offer(random, [&](int pid) {
                return pinfold::testing::signal_child(supervisor, pid, SIGKILL);
            });
        });
        const double disturbed = time_of_job(pool, at_work.data());
        killer.join();
        if (killed) {
            extra.push_back(disturbed - calm.back());
        }
    }
    return {median(calm) / chunks, median(extra), pairs};
}

}  // namespace chaos

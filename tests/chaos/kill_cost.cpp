#include "kill_cost.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "at_work.hpp"
#include "process_tree.hpp"
#include "report_sums.hpp"

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

// Each chunk works for some 100 ns, as a sensible one of so many would.
std::uint64_t short_work(std::uint64_t seed) {
    std::uint64_t value = seed;
    for (int i = 0; i < 100; ++i) {
        value = value * 6364136223846793005U + 1442695040888963407U;
    }
    return value;
}

pinfold::JobReport run_most_chunks(pinfold::Pool& pool, AtWork* at_work) {
    pinfold::JobOptions<std::uint64_t> options;
    options.grain = 1;
    options.max_attempts = 100;
    options.chunk_deadline = std::chrono::seconds(1);  // no worker is late that is not stuck
    const auto result = pinfold::map_reduce(
        pool, pinfold::Range{0, pinfold::max_chunks}, at_work,
        [](AtWork* const& noted, const Chunk& chunk) {
            if (chunk.index % 64 == 0) {
                noted->note();
            }
            return short_work(chunk.index);
        },
        std::bit_xor<>{}, options);
    static const std::uint64_t expected = [] {
        std::uint64_t value = 0;
        for (std::uint64_t i = 0; i < pinfold::max_chunks; ++i) {
            value ^= short_work(i);
        }
        return value;
    }();
    if (result.value != expected) {
        throw std::runtime_error("a wrong value in a rain of kills");
    }
    return result.report;
}

/// Kills a worker every 3 ms while it lives.
class Rain {
  public:
    Rain(AtWork& at_work, int supervisor, unsigned seed)
        : thread_([&at_work, supervisor, seed, this](const std::stop_token& stop) {
              std::minstd_rand random(seed);
              while (!stop.stop_requested()) {
                  std::this_thread::sleep_for(std::chrono::milliseconds(3));
                  kills_ += at_work.offer(random, [&](int pid) {
                      return pinfold::testing::signal_child(supervisor, pid, SIGKILL);
                  });
              }
          }) {}

    /// Ends it. Returns how many workers it killed.
    int end() {
        thread_.request_stop();
        thread_.join();
        return kills_;
    }

  private:
    int kills_ = 0;
    std::jthread thread_;
};

}  // namespace

KillRain measure_kill_rain(int jobs, unsigned seed) {
    pinfold::Pool pool({.workers = 2, .arena_bytes = std::size_t{1} << 28});
    const auto at_work = pool.array<AtWork>(1);
    const int supervisor = pinfold::testing::supervisor_of(getpid());
    run_most_chunks(pool, at_work.data());
    std::vector<double> calm;
    std::vector<double> rainy;
    KillRain rain;
    rain.jobs = jobs;
    for (int job = 0; job < jobs; ++job) {
        auto began = Clock::now();
        run_most_chunks(pool, at_work.data());
        calm.push_back(milliseconds_since(began));
        Rain kills(at_work[0], supervisor, seed + static_cast<unsigned>(job));
        began = Clock::now();
        const pinfold::JobReport report = run_most_chunks(pool, at_work.data());
        rainy.push_back(milliseconds_since(began));
        const int killed = kills.end();
        rain.kills += killed;
        if (report.deaths > static_cast<std::uint64_t>(killed)) {
            throw std::runtime_error("a worker that was not late was killed as late");
        }
        if (const std::string wrong = what_does_not_add_up(report); !wrong.empty()) {
            throw std::runtime_error(wrong);
        }
    }
    rain.calm_ms = median(calm);
    rain.rainy_ms = median(rainy);
    return rain;
}

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

#include "harness/tasks_beside_jobs.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <future>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/tasks.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/median.hpp"
#include "harness/rounds.hpp"
#include "harness/work.hpp"
#include "peers/require.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;
using pinfold::Crew;
using pinfold::Pool;

constexpr int workers = 2;
constexpr MicrosecondChunk a_millisecond{1000};

bool is_full() {
    const char* const full = std::getenv("PINFOLD_BENCH_FULL");
    return full != nullptr && std::string(full) == "1";
}

/// A job of so many chunks of a millisecond.
void run_job(Pool& pool, std::uint64_t chunks) {
    const auto done = pinfold::map_reduce(
        pool, pinfold::Range{0, chunks}, a_millisecond,
        [](const MicrosecondChunk& map, const pinfold::Chunk& c) { return map(c.index).chunks; },
        std::plus<>{}, {.grain = 1});
    require(done.value == chunks, "the chunks of a job beside tasks");
}

double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
}

double seconds_of_a_task(Pool& pool, std::uint64_t index) {
    const auto start = Clock::now();
    const Partial partial = pool.submit(EmptyChunk{}, index).get();
    require(partial == Partial{index, 1}, "a task beside a job");
    return seconds_since(start);
}

void task_beside_a_job(benchmark::State& state, Crew crew) {
    const std::uint64_t chunks = (is_full() ? 5000 : 1000) * std::uint64_t{workers};
    Pool pool({.crew = crew, .workers = workers, .pin = "cores"});
    std::vector<double> seconds;
    for ([[maybe_unused]] auto job : state) {
        std::atomic<bool> is_over{false};
        std::jthread beside([&] {
            run_job(pool, chunks);
            is_over = true;
        });
        const auto start = Clock::now();
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until it is under way
        while (!is_over) {
            const double taken = seconds_of_a_task(pool, seconds.size());
            if (!is_over) {
                seconds.push_back(taken);
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(3));
        }
        state.SetIterationTime(seconds_since(start));
    }
    state.counters["tasks"] = static_cast<double>(seconds.size());
    state.counters["greatest_us"] = *std::max_element(seconds.begin(), seconds.end()) * 1e6;
    keep_rounds(seconds);
    state.counters["median_us"] = median(std::move(seconds)) * 1e6;
}

/// Keeps as many tasks of a millisecond waiting as the pool has room for, and counts those that are
/// done.
void run_tasks(Pool& pool, std::uint64_t tasks, const std::atomic<bool>& is_over,
               std::atomic<std::uint64_t>& done) {
    std::vector<pinfold::Future<Partial>> futures(4096);
    std::uint64_t submitted = 0;
    for (std::uint64_t i = 0; done < submitted || i < tasks; ++i) {
        pinfold::Future<Partial>& future = futures[i % futures.size()];
        if (future.valid()) {
            done += std::exchange(future, {}).get().chunks;
        }
        if (submitted < tasks && !is_over) {
            future = pool.submit(a_millisecond, i);
            ++submitted;
        } else if (done == submitted) {
            break;
        }
    }
    require(done == submitted, "the tasks beside a job");
}

void job_beside_tasks(benchmark::State& state, Crew crew) {
    constexpr std::uint64_t chunks = 500;
    Pool pool({.crew = crew, .workers = workers, .pin = "cores"});
    const std::uint64_t tasks = is_full() ? 1'000'000 : 1'000'000'000;
    std::vector<double> shares;
    std::atomic<bool> is_over{false};
    std::atomic<std::uint64_t> done{0};
    std::jthread beside([&] { run_tasks(pool, tasks, is_over, done); });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));  // until the table is full
    for ([[maybe_unused]] auto job : state) {
        const auto start = Clock::now();
        const std::uint64_t done_before = done;
        run_job(pool, chunks);
        const auto tasks_beside = static_cast<double>(done - done_before);
        state.SetIterationTime(seconds_since(start));
        shares.push_back(chunks / (chunks + tasks_beside));  // both take a millisecond each
    }
    is_over = !is_full();
    beside.join();
    state.counters["share"] = median(std::move(shares));
}

void enter(const std::string& name, void (*run)(benchmark::State&, Crew), int jobs) {
    const auto add = [&](const char* crew_name, Crew crew) {
        benchmark::RegisterBenchmark((name + "/" + crew_name).c_str(),
                                     [=](benchmark::State& state) { run(state, crew); })
            ->Iterations(jobs)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
    };
    add("pinfold_threads", Crew::threads);
    add("pinfold_processes", Crew::processes);
}

}  // namespace

void enter_tasks_beside_jobs() {
    enter("task_beside_a_job", task_beside_a_job, 1);
    enter("job_beside_tasks", job_beside_tasks, 5);
}

}  // namespace bench

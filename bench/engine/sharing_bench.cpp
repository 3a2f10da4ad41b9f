// What jobs that share their workers cost each other: a job of one empty chunk alone, and beside a
// long job of microsecond chunks that another thread runs on the same workers without end. It also
// says what the long job loses. oneTBB runs the short job in the calling thread, which is no
// worker.

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "harness/rounds.hpp"
#include "harness/runners.hpp"

namespace {

using namespace bench;
using pinfold::Crew;

constexpr Work short_job{.chunks = 1, .map = Work::Map::empty};
constexpr Work long_job{.chunks = 20'000, .map = Work::Map::microsecond};

void run_checked(Runner& runner, const Work& work) {
    if (runner.run(work).chunks != work.chunks) {
        std::cerr << "sharing_bench: a wrong value\n";
        std::abort();
    }
}

/// A thread that runs the long job over and over, for its life.
class Neighbour {
  public:
    explicit Neighbour(Runner& runner)
        : thread_([this, &runner](const std::stop_token& stop) {
              while (!stop.stop_requested()) {
                  run_checked(runner, long_job);
                  ++jobs_;
              }
          }) {}

    [[nodiscard]] int jobs() const noexcept { return jobs_; }

  private:
    std::atomic<int> jobs_{0};
    std::jthread thread_;
};

void alone(benchmark::State& state, Runner& runner) {
    for ([[maybe_unused]] auto turn : state) {
        run_checked(runner, short_job);
    }
}

void beside(benchmark::State& state, Runner& runner) {
    const Neighbour neighbour(runner);
    std::this_thread::sleep_for(std::chrono::milliseconds(20));  // until it is under way
    const int before = neighbour.jobs();
    for ([[maybe_unused]] auto turn : state) {
        run_checked(runner, short_job);
    }
    state.counters["long_jobs_a_second"] =
        benchmark::Counter(neighbour.jobs() - before, benchmark::Counter::kIsRate);
}

void long_ones_alone(benchmark::State& state, Runner& runner) {
    for ([[maybe_unused]] auto turn : state) {
        run_checked(runner, long_job);
    }
    state.counters["long_jobs_a_second"] =
        benchmark::Counter(static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

void enter(const std::string& name, const MakeRunner& make) {
    const auto add = [&](const char* which, void (*run)(benchmark::State&, Runner&)) {
        benchmark::RegisterBenchmark(("short_job/" + std::string(which) + "/" + name).c_str(),
                                     [run, make](benchmark::State& state) { run(state, *make()); })
            ->UseRealTime()
            ->Repetitions(9)
            ->DisplayAggregatesOnly();  // the file has each repetition
    };
    add("alone", alone);
    add("beside_a_long_one", beside);
    add("none_but_long_ones", long_ones_alone);
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        MicrosecondChunk::calibrate();
        enter("tbb_reduce", [] { return make_tbb_reduce(2); });
        enter("pinfold_threads", [] { return make_pinfold(Crew::threads, 2); });
        enter("pinfold_processes", [] { return make_pinfold(Crew::processes, 2); });
    });
}

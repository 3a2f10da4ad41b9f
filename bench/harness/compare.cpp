#include "harness/compare.hpp"

#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <thread>
#include <utility>
#include <vector>

#include "harness/median.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int warm_ups = 20;

/// The median seconds of the case that each contest began with.
std::map<std::string, double>& references() {
    static std::map<std::string, double> all;
    return all;
}

void check(const Contest& contest, Partial got, Partial wanted) {
    if (got == wanted) {
        return;
    }
    std::fprintf(stderr, "%s: a wrong answer: sum %llu of %llu chunks\n", contest.name.c_str(),
                 static_cast<unsigned long long>(got.sum),
                 static_cast<unsigned long long>(got.chunks));
    std::abort();
}

double timed_run(Runner& runner, const Contest& contest, Partial wanted) {
    if (contest.pause.count() > 0) {
        std::this_thread::sleep_for(contest.pause);
    }
    const auto start = Clock::now();
    const Partial got = runner.run(contest.work);
    const std::chrono::duration<double> spent = Clock::now() - start;
    check(contest, got, wanted);
    return spent.count();
}

void run_case(benchmark::State& state, const Contest& contest, const MakeRunner& make) {
    const Partial wanted = run_plainly(contest.work);
    const std::unique_ptr<Runner> runner = make();
    for (int i = 0; i < warm_ups; ++i) {
        check(contest, runner->run(contest.work), wanted);
    }
    std::vector<double> seconds;
    for ([[maybe_unused]] auto repeat : state) {
        seconds.push_back(timed_run(*runner, contest, wanted));
        state.SetIterationTime(seconds.back());
    }
    const double middle = median(std::move(seconds));
    const double reference = references().try_emplace(contest.name, middle).first->second;
    state.counters["median_us"] = middle * 1e6;
    state.counters["chunk_ns"] = middle * 1e9 / static_cast<double>(contest.work.chunks);
    state.counters["vs_first"] = middle / reference;
}

}  // namespace

void enter(const Contest& contest, const std::string& name, MakeRunner make) {
    benchmark::RegisterBenchmark((contest.name + "/" + name).c_str(),
                                 [contest, make = std::move(make)](benchmark::State& state) {
                                     run_case(state, contest, make);
                                 })
        ->Iterations(contest.repeats)
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond);
}

}  // namespace bench

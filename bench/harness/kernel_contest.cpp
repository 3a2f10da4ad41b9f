#include "harness/kernel_contest.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <pinfold/affinity/binding.hpp>
#include <pinfold/kernels/isa.hpp>
#include <string>

#include "harness/median.hpp"
#include "harness/rounds.hpp"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

/// The seconds of each round, by contestant; filled by whichever case runs first.
using Times = std::vector<std::vector<double>>;

double timed_run(const KernelContest& contest, const Contestant& contestant, std::string& answer) {
    const auto start = Clock::now();
    const std::string got = contestant.run();
    const std::chrono::duration<double> spent = Clock::now() - start;
    if (answer.empty()) {
        answer = got;
    }
    if (got != answer) {
        std::fprintf(stderr, "%s: %s says %.40s, %s says %.40s\n", contest.name.c_str(),
                     contest.contestants[0].name.c_str(), answer.c_str(), contestant.name.c_str(),
                     got.c_str());
        std::abort();
    }
    return spent.count();
}

void run_all(const KernelContest& contest, Times& times) {
    std::optional<pinfold::affinity::ScopedBinding> here;
    if (contest.cpu >= 0) {
        here.emplace(contest.cpu);
    }
    std::string answer;
    for (int round = 0; round < contest.repeats; ++round) {
        for (std::size_t i = 0; i < times.size(); ++i) {
            times[i].push_back(timed_run(contest, contest.contestants[i], answer));
        }
    }
}

/// The median of the peer's quickest way.
double peer_median(const KernelContest& contest, const Times& times) {
    double least = median(times.front());
    for (std::size_t i = 1; i < contest.peers; ++i) {
        least = std::min(least, median(times[i]));
    }
    return least;
}

}  // namespace

void enter(KernelContest contest) {
    const auto shared = std::make_shared<const KernelContest>(std::move(contest));
    const auto times = std::make_shared<Times>(shared->contestants.size());
    for (std::size_t i = 0; i < shared->contestants.size(); ++i) {
        const std::string name = shared->name + "/" + shared->contestants[i].name;
        const auto report = [shared, times, i](benchmark::State& state) {
            if (times->front().empty()) {
                run_all(*shared, *times);
            }
            std::size_t round = 0;
            for ([[maybe_unused]] auto repeat : state) {
                state.SetIterationTime((*times)[i][round++]);
            }
            keep_rounds((*times)[i]);
            state.counters["median_ms"] = median((*times)[i]) * 1e3;
            state.counters["vs_peer"] = median((*times)[i]) / peer_median(*shared, *times);
        };
        benchmark::RegisterBenchmark(name.c_str(), report)
            ->Iterations(shared->repeats)
            ->UseManualTime()
            ->Unit(benchmark::kMillisecond);
    }
}

void add_kernel_context() {
    benchmark::AddCustomContext(
        "level", std::string(pinfold::kernels::isa_name(pinfold::kernels::active_isa())));
}

}  // namespace bench

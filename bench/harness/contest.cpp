#include "harness/contest.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <regex>
#include <utility>

#include "harness/figures.hpp"
#include "harness/rounds.hpp"
#include "harness/turns.hpp"

namespace bench {
namespace {

/// What enter() registers: a contest, and its blocks as soon as one of its cases is asked for.
struct Entered {
    Contest contest;
    std::vector<Blocks> blocks;
};

std::string name_of(const Contest& contest, std::size_t index) {
    return contest.name + "/" + contest.cases[index].name;
}

/// Whether --benchmark_filter chooses the case, as Google Benchmark itself will find: it tells
/// nobody beforehand.
bool is_chosen(const Contest& contest, std::size_t index) {
    std::string filter = benchmark::GetBenchmarkFilter();
    const bool is_negative = filter.starts_with('-');
    filter.erase(0, is_negative ? 1 : 0);
    if (filter.empty() || filter == "all") {
        return !is_negative;
    }
    const std::string name =
        name_of(contest, index) + "/iterations:" + std::to_string(contest.rounds) + "/manual_time";
    return std::regex_search(name, std::regex(filter, std::regex::extended)) != is_negative;
}

void run(Entered& entered) {
    std::vector<bool> takes_part{true};  // the first case does, as all are compared with it
    for (std::size_t i = 1; i < entered.contest.cases.size(); ++i) {
        takes_part.push_back(is_chosen(entered.contest, i));
    }
    entered.blocks = run_in_turns(entered.contest, takes_part);
}

void report(benchmark::State& state, Entered& entered, std::size_t index) {
    if (entered.blocks.empty()) {
        run(entered);
    }
    const Contest& contest = entered.contest;
    const auto found = figures(entered.blocks[index], entered.blocks.front(), contest.least_share);
    if (!found) {
        state.SkipWithError("it has no round in common with the first case");
        return;
    }
    for ([[maybe_unused]] auto round : state) {
        state.SetIterationTime(found->seconds);
    }
    keep_rounds(found->rounds);
    state.counters["median_us"] = found->seconds * 1e6;
    state.counters["chunk_ns"] = found->seconds * 1e9 / static_cast<double>(contest.work.chunks);
    state.counters["vs_first"] = found->vs_first.middle;
    state.counters["vs_first_q1"] = found->vs_first.lower;
    state.counters["vs_first_q3"] = found->vs_first.upper;
    if (contest.least_share > 0) {
        state.counters["share"] = found->share;
        state.counters["dropped"] = found->dropped;
    }
}

}  // namespace

void enter(Contest contest) {
    std::erase_if(contest.cases, [](const Case& entrant) { return !entrant.make; });
    const auto entered = std::make_shared<Entered>(Entered{std::move(contest), {}});
    for (std::size_t i = 0; i < entered->contest.cases.size(); ++i) {
        benchmark::RegisterBenchmark(
            name_of(entered->contest, i).c_str(),
            [entered, i](benchmark::State& state) { report(state, *entered, i); })
            ->Iterations(entered->contest.rounds)
            ->UseManualTime()
            ->Unit(benchmark::kMicrosecond);
    }
}

}  // namespace bench

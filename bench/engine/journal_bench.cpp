// What a journal costs: the same job with one and without, in turns. Each job makes its file anew
// in the folder for temporary files, so what is measured holds the making and both syncs too.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <iostream>
#include <pinfold/engine/map_reduce.hpp>
#include <string>
#include <vector>

#include "harness/median.hpp"
#include "harness/rounds.hpp"
#include "harness/work.hpp"

namespace {

using namespace bench;
using namespace pinfold;

/// What a chunk is: so many microseconds of computing.
struct Job {
    std::uint64_t microseconds = 0;
};

double run(Pool& pool, std::uint64_t chunks, Job job, const std::filesystem::path& journal) {
    JobOptions<Partial> options;
    options.grain = 1;
    options.journal = {.file = journal, .kernel = "journal_bench"};
    const auto begin = std::chrono::steady_clock::now();
    const auto result = map_reduce(
        pool, Range{0, chunks}, job,
        [](const Job& j, const Chunk& chunk) {
            Partial sum;
            for (std::uint64_t i = 0; i < j.microseconds; ++i) {
                sum = sum + MicrosecondChunk{}(chunk.index);
            }
            return sum;
        },
        std::plus<>{}, options);
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    if (result.value.chunks != chunks * job.microseconds || result.report.restored != 0) {
        std::cerr << "journal_bench: a wrong value\n";
        std::abort();
    }
    return took.count();
}

void with_and_without(benchmark::State& state, std::uint64_t chunks, Job job) {
    Pool pool({.workers = 2, .pin = "none"});
    const std::filesystem::path file = std::filesystem::temp_directory_path() /
                                       ("pinfold-journal-bench-" + std::to_string(getpid()));
    run(pool, chunks, job, {});
    std::vector<double> without;
    std::vector<double> with;
    std::vector<Round> rounds;
    for ([[maybe_unused]] auto turn : state) {
        without.push_back(run(pool, chunks, job, {}));
        with.push_back(run(pool, chunks, job, file));
        rounds.push_back({with.back() * 1e-3, with.back() / without.back()});
        std::filesystem::remove(file);
    }
    keep_rounds(std::move(rounds));
    state.counters["without_ms"] = median(without);
    state.counters["with_ms"] = median(with);
    state.counters["ratio"] = median(with) / median(without);
}

}  // namespace

int main(int argc, char** argv) {
    return run_benches(argc, argv, [] {
        MicrosecondChunk::calibrate();
        const auto enter = [](const char* name, std::uint64_t chunks, Job job, int turns) {
            benchmark::RegisterBenchmark(
                name, [=](benchmark::State& state) { with_and_without(state, chunks, job); })
                ->Iterations(turns)
                ->UseRealTime()
                ->Unit(benchmark::kMillisecond);
        };
        enter("journal/200_chunks_of_10_ms", 200, {10'000}, 7);
        enter("journal/4096_chunks_of_100_us", 4096, {100}, 15);
    });
}

// What a sieve far up holds in memory, over all processes of a pool of two: sampled from /proc
// while it runs. The bitmap of sieving primes and the listed multiples lie in the arena, shared;
// segments and the rest are each worker's own.

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <pinfold/kernels/sieving_primes.hpp>
#include <primesieve.hpp>
#include <string>
#include <thread>
#include <vector>

#include "harness/rounds.hpp"
#include "jobs/primes/prime_sums.hpp"

namespace {

namespace fs = std::filesystem;

constexpr double mebibyte = 1024 * 1024;

/// The numbers of a file of /proc with lines "key: number ..."; none of a process that has ended.
std::map<std::string, double> numbers_in(const fs::path& file) {
    std::map<std::string, double> numbers;
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        const std::size_t colon = line.find(':');
        if (colon != std::string::npos) {
            numbers[line.substr(0, colon)] = std::strtod(line.c_str() + colon + 1, nullptr);
        }
    }
    return numbers;
}

/// This process, its children and theirs.
std::vector<int> process_tree() {
    std::vector<int> tree{getpid()};
    for (std::size_t i = 0; i < tree.size(); ++i) {
        for (const auto& task :
             fs::directory_iterator("/proc/" + std::to_string(tree[i]) + "/task")) {
            std::ifstream children(task.path() / "children");
            for (int pid = 0; children >> pid;) {
                tree.push_back(pid);
            }
        }
    }
    return tree;
}

/// In MiB. PSS counts a page that n processes share as 1/n in each, so sums of it count it once;
/// sums of RSS count it n times.
struct Memory {
    double rss = 0;
    double pss = 0;
    double arena = 0;   ///< of the PSS
    double own = 0;     ///< of the PSS: heaps and stacks
    double worker = 0;  ///< the largest heap and stack of one process

    void raise_to(const Memory& other) {
        rss = std::max(rss, other.rss);
        pss = std::max(pss, other.pss);
        arena = std::max(arena, other.arena);
        own = std::max(own, other.own);
        worker = std::max(worker, other.worker);
    }
};

Memory memory_of(const std::vector<int>& tree) {
    Memory sum;
    for (const int pid : tree) {
        auto kibibytes = numbers_in("/proc/" + std::to_string(pid) + "/smaps_rollup");
        const double own = kibibytes["Pss_Anon"] / 1024;
        sum.rss += kibibytes["Rss"] / 1024;
        sum.pss += kibibytes["Pss"] / 1024;
        sum.arena += kibibytes["Pss_Shmem"] / 1024;
        sum.own += own;
        sum.worker = std::max(sum.worker, own);
    }
    return sum;
}

/// Looks every few milliseconds until it is destroyed or asked, and keeps the highest figures.
class Sampler {
  public:
    Sampler() : tree_(process_tree()), thread_([this] { sample(); }) {}
    ~Sampler() { stop(); }
    Sampler(const Sampler&) = delete;
    Sampler& operator=(const Sampler&) = delete;

    const Memory& stop() {
        ended_ = true;
        if (thread_.joinable()) {
            thread_.join();
        }
        return peak_;
    }

  private:
    void sample() {
        while (!ended_) {
            peak_.raise_to(memory_of(tree_));
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
    }

    std::vector<int> tree_;
    std::atomic<bool> ended_ = false;
    Memory peak_;
    std::thread thread_;
};

void check(std::uint64_t count, std::uint64_t begin, std::uint64_t last) {
    const std::uint64_t expected = primesieve::count_primes(begin, last);
    if (count != expected) {
        std::fprintf(stderr, "[%lu, %lu] has %lu primes, not %lu\n", begin, last, expected, count);
        std::abort();
    }
}

void sieve(benchmark::State& state, std::uint64_t begin, std::uint64_t last) {
    using pinfold::apps::Method;
    const pinfold::Range range{begin, pinfold::uint128{last} + 1};
    pinfold::Pool pool({.crew = pinfold::Crew::processes, .workers = 2});
    pinfold::JobSettings settings;
    settings.grain = pinfold::apps::prime_sum_grain(Method::sieve, range);
    std::uint64_t count = 0;
    for ([[maybe_unused]] auto once : state) {
        Sampler sampler;
        count = sum_primes(pool, range, Method::sieve, settings).value.count;
        const Memory peak = sampler.stop();
        state.counters["rss_mib"] = peak.rss;
        state.counters["pss_mib"] = peak.pss;
        state.counters["arena_mib"] = peak.arena;
        state.counters["own_mib"] = peak.own;
        state.counters["largest_own_mib"] = peak.worker;
    }
    state.counters["bitmap_mib"] =
        static_cast<double>(pinfold::kernels::sieving_bitmap_bytes(range.end)) / mebibyte;
    check(count, begin, last);
}

void enter(const char* name, std::uint64_t begin, std::uint64_t last) {
    benchmark::RegisterBenchmark(name, sieve, begin, last)
        ->Iterations(1)
        ->UseRealTime()
        ->Unit(benchmark::kSecond);
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run_benches(argc, argv, [] {
        constexpr std::uint64_t billion = 1'000'000'000;
        constexpr std::uint64_t most = 0 - std::uint64_t{1};
        enter("sieve_0_1e10", 0, 10 * billion - 1);
        enter("sieve_1e18_1e9", billion * billion, billion * billion + billion - 1);
        enter("sieve_1e18_1e10", billion * billion, billion * billion + 10 * billion - 1);
        // primesieve, which checks the count, ends below 2^64 - 4·10^7.
        enter("sieve_below_2_64_1e9", most - 50'000'000 - billion, most - 50'000'000);
    });
}

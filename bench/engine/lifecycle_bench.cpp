// What workers cost to have: to create and join them, empty-handed; what the host's memory adds to
// that; and what an idle one holds and burns.

#include <benchmark/benchmark.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <memory>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/shared.hpp>
#include <pinfold/shm/host_only_memory.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/median.hpp"
#include "harness/rounds.hpp"

namespace {

using pinfold::Crew;
using pinfold::Pool;

constexpr std::size_t gibibyte = std::size_t{1} << 30;

[[noreturn]] void give_up(const std::string& why) {
    std::fprintf(stderr, "lifecycle_bench: %s\n", why.c_str());
    std::abort();
}

double seconds_of(const std::function<void()>& action) {
    using Clock = std::chrono::steady_clock;
    const auto start = Clock::now();
    action();
    return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Times `action` alone, again and again, and reports the median.
void time_each(benchmark::State& state, const std::function<void()>& action) {
    action();
    std::vector<double> seconds;
    for ([[maybe_unused]] auto repeat : state) {
        seconds.push_back(seconds_of(action));
        state.SetIterationTime(seconds.back());
    }
    bench::keep_rounds(seconds);
    state.counters["median_us"] = bench::median(std::move(seconds)) * 1e6;
}

/// The same, with `floor` in between, which is called as often. Reports the median of the ratios of
/// both medians, each of a block of this many turns: what else the machine does hits both alike.
void time_each_beside(benchmark::State& state, const std::function<void()>& action,
                      const std::function<void()>& floor) {
    constexpr std::size_t turns_a_block = 20;
    action();
    floor();
    std::vector<double> all;
    std::vector<double> ratios;
    std::vector<double> own;
    std::vector<double> of_floor;
    for ([[maybe_unused]] auto repeat : state) {
        own.push_back(seconds_of(action));
        of_floor.push_back(seconds_of(floor));
        all.push_back(own.back());
        state.SetIterationTime(own.back());
        if (own.size() == turns_a_block) {
            ratios.push_back(bench::median(std::exchange(own, {})) /
                             bench::median(std::exchange(of_floor, {})));
        }
    }
    bench::keep_rounds(all);
    state.counters["median_us"] = bench::median(std::move(all)) * 1e6;
    state.counters["vs_bare"] = bench::median(std::move(ratios));
}

void join(pid_t child) {
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        give_up("a child ended badly");
    }
}

void thread(benchmark::State& state) {
    time_each(state, [] { std::thread([] {}).join(); });
}

pid_t fork_empty() {
    const pid_t child = fork();
    if (child == 0) {
        _exit(0);
    }
    return child;
}

void forked_process(benchmark::State& state) {
    time_each(state, [] { join(fork_empty()); });
}

/// The least that can be called a pool of two processes: a supervisor that is forked, forks two,
/// and outlives them. Nobody is told anything.
void make_bare_tree() {
    const pid_t supervisor = fork();
    if (supervisor == 0) {
        const std::array<pid_t, 2> workers{fork_empty(), fork_empty()};
        for (const pid_t worker : workers) {
            join(worker);
        }
        _exit(0);
    }
    join(supervisor);
}

void bare_tree_of_2(benchmark::State& state) {
    time_each(state, make_bare_tree);
}

void new_program(benchmark::State& state) {
    time_each(state, [] {
        char name[] = "true";
        char* arguments[] = {name, nullptr};
        pid_t child = 0;
        if (posix_spawnp(&child, name, nullptr, nullptr, arguments, environ) != 0) {
            give_up("cannot start the program `true`");
        }
        join(child);
    });
}

void make_pool(Crew crew) {
    const Pool pool({.crew = crew, .workers = 2});
}

void pool_of_2_threads(benchmark::State& state) {
    time_each(state, [] { make_pool(Crew::threads); });
}

void pool_of_2_processes(benchmark::State& state) {
    time_each_beside(
        state, [] { make_pool(Crew::processes); }, make_bare_tree);
}

void make_space() {
    const pinfold::Shared space;
}

void shared_space(benchmark::State& state) {
    time_each(state, make_space);
}

/// A space with its first object, which brings its first memory in.
void shared_space_with_a_value(benchmark::State& state) {
    time_each(state, [] {
        const pinfold::Shared space;
        const pinfold::Value<long> value(space, 1);
        if (value.load() != 1) {
            give_up("a wrong value");
        }
    });
}

void join_well(pinfold::Process process) {
    process.join();
    if (process.exit_code() != 0) {
        give_up("a Process ended badly");
    }
}

/// The keeper, who forks Processes and waits for them, is there: the action is called once before
/// it is timed.
void process_of_a_space(benchmark::State& state) {
    const pinfold::Shared space;
    time_each_beside(
        state, [&] { join_well(pinfold::Process(space, [] {})); }, [] { join(fork_empty()); });
}

void process_of_a_pool(benchmark::State& state) {
    const Pool pool({.crew = Crew::processes, .workers = 2});
    time_each_beside(
        state, [&] { join_well(pinfold::Process(pool, [] {})); }, [] { join(fork_empty()); });
}

/// A space, a Process of it, and the end of both: a keeper is born for that one.
void space_with_one_process(benchmark::State& state) {
    time_each_beside(
        state,
        [] {
            const pinfold::Shared space;
            join_well(pinfold::Process(space, [] {}));
        },
        [] { join(fork_empty()); });
}

bool has_room(benchmark::State& state, std::size_t bytes) {
    if (pinfold::affinity::memory_headroom().bytes >= 2 * bytes) {
        return true;
    }
    state.SkipWithError("this machine has too little free memory");
    return false;
}

void pool_of_2_beside_1_gib_of_heap(benchmark::State& state) {
    if (has_room(state, gibibyte)) {
        const std::unique_ptr<void, decltype(&std::free)> heap(std::malloc(gibibyte), std::free);
        std::memset(heap.get(), 1, gibibyte);
        time_each_beside(
            state, [] { make_pool(Crew::processes); }, make_bare_tree);
    }
}

void pool_of_2_beside_1_gib_of_heap_kept_from_it(benchmark::State& state) {
    if (has_room(state, gibibyte)) {
        std::vector<std::byte> heap(gibibyte, std::byte{1});
        const pinfold::shm::HostOnlyMemory kept(heap);
        time_each_beside(
            state, [] { make_pool(Crew::processes); }, make_bare_tree);
    }
}

void pool_of_2_beside_1_gib_of_arena(benchmark::State& state) {
    if (has_room(state, gibibyte)) {
        pinfold::shm::Arena arena({.bytes = gibibyte});
        std::memset(arena.allocate(gibibyte), 1, gibibyte);
        time_each(state, [] { make_pool(Crew::processes); });
    }
}

/// The number behind `key` in a file of /proc with lines "key: number ...".
double proc_entry(const std::string& file, const std::string& key) {
    std::ifstream in(file);
    for (std::string line; std::getline(in, line);) {
        if (line.starts_with(key + ":")) {
            return std::stod(line.substr(key.size() + 1));
        }
    }
    give_up(file + " has no " + key);
}

/// The processes of a pool of two that has just run a job: its workers, then their supervisor.
std::vector<int> processes_of(Pool& pool) {
    std::vector<int> pids;
    while (pids.size() < 2) {  // a quick worker may run both chunks
        pids.clear();
        const auto job = pinfold::map_reduce(pool, pinfold::Range{0, 2}, 0,
                                             [](int, const pinfold::Chunk&) {
                                                 usleep(1000);
                                                 return 1;
                                             },
                                             std::plus<>{}, {.grain = 1});
        if (job.value != 2) {
            give_up("a wrong answer");
        }
        for (const pinfold::WorkerReport& worker : job.report.workers) {
            pids.push_back(worker.pid);
        }
    }
    const std::string status = "/proc/" + std::to_string(pids.front()) + "/status";
    pids.push_back(static_cast<int>(proc_entry(status, "PPid")));
    return pids;
}

/// What a worker adds to the machine's memory: PSS counts a page that n processes share as 1/n.
void memory_of_an_idle_worker(benchmark::State& state) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const std::vector<int> pids = processes_of(pool);
    for ([[maybe_unused]] auto once : state) {
        const std::string rollup = "/proc/" + std::to_string(pids.front()) + "/smaps_rollup";
        state.counters["pss_kib"] = proc_entry(rollup, "Pss");
        state.counters["private_kib"] =
            proc_entry(rollup, "Private_Clean") + proc_entry(rollup, "Private_Dirty");
    }
}

/// CPU seconds that a process has used, from its scheduler's account in nanoseconds.
double cpu_seconds(int pid) {
    double nanoseconds = 0;
    if (!(std::ifstream("/proc/" + std::to_string(pid) + "/schedstat") >> nanoseconds)) {
        give_up("this kernel has no /proc/PID/schedstat");
    }
    return nanoseconds * 1e-9;
}

double cpu_seconds(const std::vector<int>& pids) {
    double sum = 0;
    for (const int pid : pids) {
        sum += cpu_seconds(pid);
    }
    return sum;
}

/// How much of a core the two workers and the supervisor of an idle pool take together.
void cpu_of_an_idle_pool(benchmark::State& state) {
    Pool pool({.crew = Crew::processes, .workers = 2});
    const std::vector<int> pids = processes_of(pool);
    constexpr double watched_seconds = 3;
    for ([[maybe_unused]] auto once : state) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));  // it may spin on for a while
        const double before = cpu_seconds(pids);
        std::this_thread::sleep_for(std::chrono::duration<double>(watched_seconds));
        state.counters["core_percent"] = (cpu_seconds(pids) - before) / watched_seconds * 100;
    }
}

void set_timed(benchmark::internal::Benchmark* bench) {
    bench->Iterations(300)->UseManualTime()->Unit(benchmark::kMicrosecond);
}

BENCHMARK(thread)->Apply(set_timed);
BENCHMARK(forked_process)->Apply(set_timed);
BENCHMARK(new_program)->Apply(set_timed);
BENCHMARK(pool_of_2_threads)->Apply(set_timed);
BENCHMARK(pool_of_2_processes)->Apply(set_timed);
// Here, where what pools leave in the process costs it as much: threads' stacks, loaded libraries.
BENCHMARK(bare_tree_of_2)->Apply(set_timed);
BENCHMARK(shared_space)->Apply(set_timed);
BENCHMARK(shared_space_with_a_value)->Apply(set_timed);
BENCHMARK(process_of_a_space)->Apply(set_timed);
BENCHMARK(process_of_a_pool)->Apply(set_timed);
BENCHMARK(space_with_one_process)->Apply(set_timed);
BENCHMARK(pool_of_2_beside_1_gib_of_arena)->Apply(set_timed);
BENCHMARK(pool_of_2_beside_1_gib_of_heap)->Apply(set_timed)->Iterations(20);
BENCHMARK(pool_of_2_beside_1_gib_of_heap_kept_from_it)->Apply(set_timed);
BENCHMARK(memory_of_an_idle_worker)->Iterations(1);
BENCHMARK(cpu_of_an_idle_pool)->Iterations(1);

}  // namespace

int main(int argc, char** argv) {
    return bench::run_benches(argc, argv, [] {});
}

// The simulator beside the engine: crews of 8 to 1000 workers whose chunks sleep, which needs no
// CPU, so that two are enough; and crews of one and two workers that compute. What the engine's
// steps cost is measured here first, on other jobs than those that are then predicted.
//
//     sleepers_bench [REPEATS]
//
// prints measured medians, predictions and their ratio. Nothing is asserted but the values.

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <new>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <stdexcept>
#include <thread>
#include <vector>

#include "harness/median.hpp"
#include "simulator/simulator.hpp"
#include "simulator/workload.hpp"

namespace {

using pinfold::apps::Constants;
using pinfold::apps::Prediction;
using pinfold::apps::Workload;
using Clock = std::chrono::steady_clock;

struct Job {
    const char* name;
    int workers;
    std::uint64_t chunks;
    double chunk_seconds;  ///< asked for; 0: the chunk computes
};

double seconds_since(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

void sleep_for(double seconds) {
    const timespec time{
        static_cast<time_t>(seconds),
        static_cast<long>((seconds - static_cast<double>(static_cast<time_t>(seconds))) * 1e9)};
    nanosleep(&time, nullptr);
}

/// About a third of a millisecond of additions, each of which waits for the one before.
[[gnu::noinline]] std::uint64_t compute() {
    std::uint64_t sum = 0;
    for (int i = 0; i < 1'000'000; ++i) {
        asm volatile("" : "+r"(sum));
        sum += 1;
    }
    return sum / 1'000'000;
}

/// The job's time on a pool whose workers have run before and sleep: the median of the repeats.
double measured(const Job& job, int repeats) {
    pinfold::Pool pool({.crew = pinfold::Crew::processes, .workers = job.workers, .pin = "cores"});
    std::vector<double> times;
    for (int i = -1; i < repeats; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const auto begin = Clock::now();
        const auto result = pinfold::map_reduce(
            pool, pinfold::Range{0, job.chunks},
            [seconds = job.chunk_seconds](const pinfold::Chunk&) -> std::uint64_t {
                if (seconds == 0) {
                    return compute();
                }
                sleep_for(seconds);
                return 1;
            },
            std::plus<>{}, {.grain = 1});
        if (i >= 0) {
            times.push_back(seconds_since(begin));
        }
        if (result.value != job.chunks) {
            throw std::runtime_error("a job lost chunks");
        }
    }
    return bench::median(times);
}

/// What a sleep takes where nothing else runs.
double sleep_alone(double chunk_seconds) {
    std::vector<double> times;
    for (int i = 0; i < 40; ++i) {
        const auto begin = Clock::now();
        sleep_for(chunk_seconds);
        times.push_back(seconds_since(begin));
    }
    return bench::median(times);
}

/// The times of computing chunks, as one worker traces them.
std::vector<double> traced(std::uint64_t chunks) {
    pinfold::Pool pool({.crew = pinfold::Crew::processes, .workers = 1, .pin = "cores"});
    const auto times = pool.array<double>(chunks);
    pinfold::for_each_chunk(pool, pinfold::Range{0, chunks},
                            [all = times.span()](const pinfold::Chunk& chunk) {
                                const auto begin = Clock::now();
                                compute();
                                all[chunk.begin] = seconds_since(begin);
                            },
                            {.grain = 1});
    return {times.begin(), times.end()};
}

/// How long it takes a ringer to wake one of `sleepers` processes.
double call_seconds(int sleepers) {
    void* const memory = mmap(nullptr, sizeof(pinfold::shm::Doorbell), PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    auto* const bell = new (memory) pinfold::shm::Doorbell();
    constexpr int rings = 21;
    for (int i = 0; i < sleepers; ++i) {
        if (fork() == 0) {
            for (int ring = 0; ring < rings; ++ring) {
                bell->wait(bell->value(), std::chrono::seconds(5));
            }
            _exit(0);
        }
    }
    std::vector<double> times;
    for (int ring = 0; ring < rings; ++ring) {
        std::this_thread::sleep_for(std::chrono::milliseconds(30));
        const auto begin = Clock::now();
        bell->ring();
        times.push_back(seconds_since(begin) / sleepers);
    }
    while (wait(nullptr) > 0) {
    }
    munmap(memory, sizeof(pinfold::shm::Doorbell));
    return bench::median(times);
}

Workload workload_of(const Job& job, const Constants& constants) {
    if (job.chunk_seconds == 0) {
        return {.chunk_seconds = traced(job.chunks)};
    }
    const double seconds = sleep_alone(job.chunk_seconds) - constants.resume;
    Workload work = pinfold::apps::equal_chunks(job.chunks, seconds);
    work.chunks_sleep = true;
    return work;
}

/// The value of a constant with which the simulator gives a measured time. The predicted one rises
/// with the constant.
double fitted(const Workload& work, const Job& job, Constants constants,
              double Constants::*constant, double seconds) {
    double low = 0;
    double high = 1e-3;
    for (int i = 0; i < 40; ++i) {
        constants.*constant = (low + high) / 2;
        const bool is_long = simulate(work, job.workers, constants).seconds > seconds;
        (is_long ? high : low) = constants.*constant;
    }
    return low;
}

/// On jobs in which one step is nearly all that counts.
Constants calibrated(int repeats) {
    Constants constants;
    constants.cpus = static_cast<int>(std::thread::hardware_concurrency());
    constants.call = call_seconds(64);
    // So many sleepers that the CPUs do nothing but end sleeps and begin the next ones.
    const Job busy{"", 64, 40'000, 1e-6};
    const double busy_seconds = measured(busy, repeats);
    constants.resume =
        constants.cpus * busy_seconds / static_cast<double>(busy.chunks) - constants.batch;
    const Job once{"", 128, 128, 20e-3};
    constants.enter = fitted(workload_of(once, constants), once, constants, &Constants::enter,
                             measured(once, repeats));
    fmt::print("measured first: call {:.2f} µs, resume {:.2f} µs, enter {:.2f} µs\n\n",
               constants.call * 1e6, constants.resume * 1e6, constants.enter * 1e6);
    return constants;
}

void compare(const Job& job, const Constants& constants, int repeats) {
    const Workload work = workload_of(job, constants);
    const double time = measured(job, repeats);
    const Prediction prediction = simulate(work, job.workers, constants);
    fmt::print("{:28} {:7} {:8} {:12.3f} {:12.3f} {:9.3f}   {}\n", job.name, job.workers,
               job.chunks, time * 1e3, prediction.seconds * 1e3, prediction.seconds / time,
               prediction.limit);
}

}  // namespace

int main(int argc, char** argv) {
    const int repeats = argc > 1 ? std::atoi(argv[1]) : 9;
    const Constants constants = calibrated(repeats);
    fmt::print("{:28} {:>7} {:>8} {:>12} {:>12} {:>9}   {}\n", "chunks", "workers", "chunks",
               "measured ms", "predicted ms", "ratio", "limit");
    for (const Job& job : {
             Job{"compute 0.3 ms", 1, 200, 0},
             Job{"compute 0.3 ms", 2, 400, 0},
             Job{"sleep 5 ms", 1, 20, 5e-3},
             Job{"sleep 5 ms", 2, 40, 5e-3},
             Job{"sleep 5 ms", 8, 160, 5e-3},
             Job{"sleep 10 ms", 64, 1280, 10e-3},
             Job{"sleep 20 ms", 256, 2560, 20e-3},
             Job{"sleep 40 ms", 1000, 10000, 40e-3},
             Job{"short: sleep 1 ms", 8, 800, 1e-3},
             Job{"short: sleep 1 ms", 64, 6400, 1e-3},
             Job{"short: sleep 2 ms", 256, 12800, 2e-3},
             Job{"short: sleep 5 ms", 1000, 20000, 5e-3},
             Job{"uneven: 1.5 rounds of 20 ms", 256, 384, 20e-3},
         }) {
        compare(job, constants, repeats);
    }
}

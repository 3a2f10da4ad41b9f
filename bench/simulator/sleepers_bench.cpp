// The simulator beside the engine: crews of 8 to 1000 workers whose chunks sleep, which needs no
// CPU, so that two are enough; and crews of one and two workers that compute. What the engine's
// steps cost is measured here first, on other jobs than those that are then predicted. The counter
// `ratio` is that of the predicted time to the measured one.
//
// Sleepers always run at the usual priority, whatever the bench has: real-time processes are moved
// from CPU to CPU and held back by the kernel, which is no part of the model. Those that compute
// keep the bench's, so that other programs do not slow them down.

#include <benchmark/benchmark.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <memory>
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

constexpr int repeats = 9;

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

/// The usual priority for this thread and the processes that it starts, within a scope.
class UsualPriority {
  public:
    explicit UsualPriority(bool is_wanted) : policy_(sched_getscheduler(0)) {
        sched_getparam(0, &parameters_);
        if (is_wanted) {
            const sched_param none{};
            sched_setscheduler(0, SCHED_OTHER, &none);
        }
    }
    ~UsualPriority() { sched_setscheduler(0, policy_, &parameters_); }
    UsualPriority(const UsualPriority&) = delete;
    UsualPriority& operator=(const UsualPriority&) = delete;

  private:
    int policy_;
    sched_param parameters_{};
};

/// A job on a pool whose workers have run before and sleep.
class WarmJob {
  public:
    explicit WarmJob(const Job& job)
        : job_(job),
          priority_(job.chunk_seconds != 0),
          pool_({.crew = pinfold::Crew::processes, .workers = job.workers, .pin = "cores"}) {
        seconds();
    }

    double seconds() {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const auto begin = Clock::now();
        const auto result = pinfold::map_reduce(
            pool_, pinfold::Range{0, job_.chunks},
            [seconds = job_.chunk_seconds](const pinfold::Chunk&) -> std::uint64_t {
                if (seconds == 0) {
                    return compute();
                }
                sleep_for(seconds);
                return 1;
            },
            std::plus<>{}, {.grain = 1});
        const double took = seconds_since(begin);
        if (result.value != job_.chunks) {
            throw std::runtime_error("a job lost chunks");
        }
        return took;
    }

  private:
    const Job job_;
    UsualPriority priority_;
    pinfold::Pool pool_;
};

double measured(const Job& job) {
    WarmJob warm(job);
    std::vector<double> times;
    for (int i = 0; i < repeats; ++i) {
        times.push_back(warm.seconds());
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
Constants calibrated() {
    const UsualPriority priority(true);
    Constants constants;
    constants.cpus = static_cast<int>(std::thread::hardware_concurrency());
    constants.call = call_seconds(64);
    // So many sleepers that the CPUs do nothing but end sleeps and begin the next ones.
    const Job busy{"", 64, 40'000, 1e-6};
    constants.resume =
        constants.cpus * measured(busy) / static_cast<double>(busy.chunks) - constants.batch;
    const Job once{"", 128, 128, 20e-3};
    constants.enter =
        fitted(workload_of(once, constants), once, constants, &Constants::enter, measured(once));
    return constants;
}

/// Made when the first case runs, since options may ask for no case at all.
const Constants& constants_here() {
    static const Constants constants = calibrated();
    return constants;
}

/// Measures and predicts a job; each repetition is one more run of the same pool.
class Comparison {
  public:
    explicit Comparison(const Job& job) : job_(job) {}

    void run(benchmark::State& state) {
        if (warm_ == nullptr) {
            const UsualPriority priority(job_.chunk_seconds != 0);
            workload_ = workload_of(job_, constants_here());
            warm_ = std::make_unique<WarmJob>(job_);
        }
        const double predicted = simulate(workload_, job_.workers, constants_here()).seconds;
        double seconds = 0;
        for (auto _ : state) {
            seconds = warm_->seconds();
            state.SetIterationTime(seconds);
        }
        state.counters["workers"] = job_.workers;
        state.counters["predicted_ms"] = predicted * 1e3;
        state.counters["ratio"] = predicted / seconds;
        if (++runs_ == repeats) {
            warm_.reset();
        }
    }

  private:
    const Job job_;
    Workload workload_;
    std::unique_ptr<WarmJob> warm_;
    int runs_ = 0;
};

constexpr Job jobs[] = {
    {"compute/1_worker", 1, 200, 0},
    {"compute/2_workers", 2, 400, 0},
    {"sleep_5_ms/1_worker", 1, 20, 5e-3},
    {"sleep_5_ms/2_workers", 2, 40, 5e-3},
    {"sleep_5_ms/8_workers", 8, 160, 5e-3},
    {"sleep_10_ms/64_workers", 64, 1280, 10e-3},
    {"sleep_20_ms/256_workers", 256, 2560, 20e-3},
    {"sleep_40_ms/1000_workers", 1000, 10000, 40e-3},
    {"short_1_ms/8_workers", 8, 800, 1e-3},
    {"short_1_ms/64_workers", 64, 6400, 1e-3},
    {"short_2_ms/256_workers", 256, 12800, 2e-3},
    {"short_5_ms/1000_workers", 1000, 20000, 5e-3},
    {"one_and_a_half_rounds/256_workers", 256, 384, 20e-3},
};

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    for (const Job& job : jobs) {
        benchmark::RegisterBenchmark(job.name,
                                     [comparison = std::make_shared<Comparison>(job)](
                                         benchmark::State& state) { comparison->run(state); })
            ->UseManualTime()
            ->Iterations(1)
            ->Repetitions(repeats)
            ->Unit(benchmark::kMillisecond);
    }
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
}

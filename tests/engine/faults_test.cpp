// What a fault of a map costs: its chunk's time, and nothing else.
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <new>
#include <pinfold/engine/errors.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

using std::chrono::milliseconds;
using testing::Empty;

class Faults : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

std::uint32_t add_one(std::uint32_t& counter) {
    return std::atomic_ref(counter).fetch_add(1);
}

void segfault() {
    void* const page = mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *static_cast<volatile int*>(page) = 1;
}

[[noreturn]] void spin() {
    for (volatile bool for_ever = true; for_ever;) {
    }
    std::abort();
}

void spin_with_signals_blocked() {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, nullptr);
    spin();
}

enum class Way { killed, segfault, abort, exit, exit_at_once, spin, spin_blocked, stop };

void go(Way way) {
    switch (way) {
        case Way::killed:
            raise(SIGKILL);
            break;
        case Way::segfault:
            segfault();
            break;
        case Way::abort:
            std::abort();
        case Way::exit:
            std::exit(3);
        case Way::exit_at_once:
            _exit(0);
        case Way::spin:
            spin();
        case Way::spin_blocked:
            spin_with_signals_blocked();
            break;
        case Way::stop:
            raise(SIGSTOP);
            break;
    }
}

/// A sum whose map goes wrong at one chunk, the first `times` times that the chunk starts.
struct FaultyJob {
    Way way;
    std::uint64_t bad_chunk;
    std::uint32_t times;
    std::uint32_t* starts;  // by chunk
};

constexpr auto faulty_map = [](const FaultyJob& job, const Chunk& chunk) {
    if (add_one(job.starts[chunk.index]) < job.times && chunk.index == job.bad_chunk) {
        go(job.way);
    }
    return testing::sum_map(Empty{}, chunk);
};

constexpr std::uint32_t always = ~std::uint32_t{0};

struct FaultyRun {
    Pool pool = testing::make_pool(Crew::processes, 2);
    shm::Array<std::uint32_t> starts = pool.array<std::uint32_t>(10'000);
    JobOptions<std::uint64_t> options;

    FaultyRun() { options.grain = 10; }

    JobResult<std::uint64_t> operator()(Way way, std::uint64_t bad_chunk, std::uint32_t times) {
        return map_reduce(pool, Range{0, 1000}, FaultyJob{way, bad_chunk, times, starts.data()},
                          faulty_map, std::plus<>{}, options);
    }

    JobFailed::Details failure(Way way, std::uint64_t bad_chunk) {
        try {
            (*this)(way, bad_chunk, always);
        } catch (const JobFailed& e) {
            return e.details();
        }
        throw std::logic_error("the job did not fail");
    }
};

class OneCrash : public Faults, public ::testing::WithParamInterface<Way> {};

TEST_P(OneCrash, CostsOneAttemptAndNotTheValue) {
    FaultyRun run;
    const auto result = run(GetParam(), 37, 1);
    EXPECT_EQ(result.value, testing::sum_below(1000));
    EXPECT_EQ(result.report.deaths, 1U);
    EXPECT_EQ(result.report.chunks, 100U);
    EXPECT_EQ(result.report.attempts, 101U);
}

INSTANTIATE_TEST_SUITE_P(Ways, OneCrash,
                         ::testing::Values(Way::killed, Way::segfault, Way::abort, Way::exit,
                                           Way::exit_at_once));

class OneHang : public Faults, public ::testing::WithParamInterface<Way> {};

TEST_P(OneHang, EndsAtTheChunkDeadline) {
    FaultyRun run;
    run.options.chunk_deadline = milliseconds(100);
    run.options.max_attempts = 100;  // a loaded machine may be late with a good chunk too
    const auto result = run(GetParam(), 37, 1);
    EXPECT_EQ(result.value, testing::sum_below(1000));
    EXPECT_GE(result.report.deaths, 1U);
    EXPECT_EQ(run.starts[37], 2U);
}

TEST_P(OneHang, OfEveryAttemptIsPoison) {
    FaultyRun run;
    run.options.chunk_deadline = milliseconds(100);
    run.options.max_attempts = 2;
    const JobFailed::Details details = run.failure(GetParam(), 99);
    EXPECT_EQ(details.attempts, 2);
    ASSERT_EQ(details.deaths.size(), 2U);
    EXPECT_EQ(details.deaths[0].how, "killed past the chunk deadline");
    EXPECT_EQ(details.deaths[1].how, "killed past the chunk deadline");
}

INSTANTIATE_TEST_SUITE_P(Ways, OneHang, ::testing::Values(Way::spin, Way::spin_blocked, Way::stop));

TEST_F(Faults, NamePoisonByItsRangeAttemptsAndDeaths) {
    FaultyRun run;
    const JobFailed::Details killed = run.failure(Way::killed, 3);
    EXPECT_EQ(killed.chunk.begin, 30U);
    EXPECT_TRUE(killed.chunk.end == 40);
    EXPECT_EQ(killed.attempts, 3);
    ASSERT_EQ(killed.deaths.size(), 3U);
    std::set<int> pids;
    for (const Death& death : killed.deaths) {
        EXPECT_EQ(death.how, "signal 9 (Killed)");
        pids.insert(death.pid);
    }
    EXPECT_EQ(pids.size(), 3U) << "each attempt had a worker process of its own";

    EXPECT_EQ(run.failure(Way::segfault, 4).deaths.back().how, "signal 11 (Segmentation fault)");
    EXPECT_EQ(run.failure(Way::exit, 5).deaths.back().how, "exit code 3");
    const std::uint32_t never = 0;
    EXPECT_EQ(run(Way::killed, 3, never).value, testing::sum_below(1000)) << "the pool goes on";
}

struct TwoThrow {
    std::uint32_t* begun;   // the lower one is at work
    std::uint32_t* thrown;  // the higher one is about to throw
};

// The higher chunk throws first, while the lower one is at work.
TEST_F(Faults, NameTheLowestChunkThatThrew) {
    for (const Crew crew : {Crew::threads, Crew::processes}) {
        Pool pool = testing::make_pool(crew, 2);
        const auto flags = pool.array<std::uint32_t>(2);
        JobOptions<int> options;
        options.grain = 1;
        try {
            map_reduce(
                pool, Range{0, 2}, TwoThrow{flags.data(), flags.data() + 1},
                [](const TwoThrow& job, const Chunk& chunk) -> int {
                    std::atomic_ref begun(*job.begun);
                    std::atomic_ref thrown(*job.thrown);
                    const bool is_lower = chunk.index == 0;
                    (is_lower ? begun : thrown).store(is_lower ? 1 : 0);
                    for (int ms = 0; ms < 10'000 && (is_lower ? thrown : begun) == 0; ++ms) {
                        usleep(1000);
                    }
                    if (!is_lower) {
                        thrown = 1;
                    } else {
                        usleep(20'000);
                    }
                    throw std::domain_error("chunk " + std::to_string(chunk.index));
                },
                std::plus<>{}, options);
            ADD_FAILURE() << "the job did not fail";
        } catch (const JobFailed& e) {
            EXPECT_EQ(e.details().chunk.index, 0U);
            EXPECT_EQ(e.details().exception_text, "chunk 0");
        }
    }
}

TEST_F(Faults, BlameNoSkippedChunkForWhatALaterPhaseThrows) {
    for (const Crew crew : testing::all_crews) {
        Pool pool = testing::make_pool(crew, 2);
        Phases<Empty> phases;
        phases.add({.range = {0, 5}, .grain = 1, .first_chunk = 4},
                   [](const Empty&, const Chunk& chunk, const PhaseMemory&) {
                       if (chunk.index == 3) {
                           throw std::domain_error("in the phase");
                       }
                   });
        JobOptions<int> options;
        options.grain = 1;
        options.on_poison = OnPoison::skip;
        try {
            map_reduce(
                pool, Range{0, 8}, Empty{}, phases,
                [](const Empty&, const Chunk& chunk, const PhaseMemory&) -> int {
                    if (chunk.index < 2) {
                        throw std::domain_error("skipped");
                    }
                    return 1;
                },
                std::plus<>{}, options);
            ADD_FAILURE() << "the job did not fail";
        } catch (const JobFailed& e) {
            EXPECT_EQ(e.details().chunk.index, 3U);
            EXPECT_EQ(e.details().exception_text, "in the phase") << to_string(crew);
        }
    }
}

TEST_F(Faults, SkipPoisonWhenToldTo) {
    FaultyRun run;
    run.options.on_poison = OnPoison::skip;
    const auto result = run(Way::abort, 7, always);
    EXPECT_EQ(result.value, testing::sum_below(1000) - (70 + 79) * 10 / 2);
    ASSERT_EQ(result.report.skipped.size(), 1U);
    EXPECT_EQ(result.report.skipped[0].chunk.begin, 70U);
    EXPECT_EQ(result.report.deaths, 3U);
}

TEST_F(Faults, BlameTheExecutingChunkAndNoneOfItsBatch) {
    FaultyRun run;
    run.options.grain = 1;  // short chunks go in batches
    run.options.max_attempts = 1;
    run.options.on_poison = OnPoison::skip;
    const auto result = run(Way::killed, 700, always);
    EXPECT_EQ(result.value, testing::sum_below(1000) - 700);
    ASSERT_EQ(result.report.skipped.size(), 1U);
    EXPECT_EQ(result.report.skipped[0].chunk.begin, 700U);
    EXPECT_EQ(result.report.attempts, 1000U);
    for (std::size_t chunk = 0; chunk < 1000; ++chunk) {
        EXPECT_EQ(run.starts[chunk], 1U) << chunk;
    }
}

struct Seen {
    int pid;
    int cpu;
};

int only_allowed_cpu() {
    cpu_set_t set;
    CPU_ZERO(&set);
    sched_getaffinity(0, sizeof set, &set);
    std::size_t cpu = 0;
    while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &set)) {
        ++cpu;
    }
    return CPU_COUNT(&set) == 1 ? static_cast<int>(cpu) : -1;
}

TEST_F(Faults, ReplaceAWorkerOnTheSameCpu) {
    Pool pool = testing::make_pool(Crew::processes, 1, "cores");
    auto seen = pool.array<Seen>(20);
    JobOptions<int> options;
    options.grain = 1;
    const auto result = map_reduce(
        pool, Range{0, 20}, seen.data(),
        [](Seen* const& all, const Chunk& chunk) {
            Seen& mine = all[chunk.index];
            const bool first = mine.pid == 0;
            mine = {getpid(), only_allowed_cpu()};
            if (chunk.index == 10 && first) {
                raise(SIGKILL);
            }
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 20);
    EXPECT_NE(seen[0].pid, seen[19].pid);
    EXPECT_GE(seen[0].cpu, 0);
    EXPECT_EQ(seen[0].cpu, seen[19].cpu);
    ASSERT_EQ(result.report.workers.size(), 1U);
    EXPECT_EQ(result.report.workers[0].cpu, seen[0].cpu);
    EXPECT_EQ(result.report.workers[0].pid, seen[19].pid);
}

TEST_F(Faults, RetryALackOfMemoryThatPasses) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer needs all the address space there is";
    }
    Pool pool({.workers = 2, .pin = "none", .worker_memory_limit = std::size_t{64} << 20});
    auto starts = pool.array<std::uint32_t>(100);
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    const auto map = [](std::uint32_t* const& counts, const Chunk& chunk) {
        if (add_one(counts[chunk.index]) == 0 && chunk.index % 10 == 4) {
            std::vector<char> too_much(std::size_t{256} << 20, 'x');
            return std::uint64_t{
                static_cast<unsigned char>(too_much[static_cast<std::size_t>(chunk.index)])};
        }
        return testing::sum_map(Empty{}, chunk);
    };
    const auto result =
        map_reduce(pool, Range{0, 1000}, starts.data(), map, std::plus<>{}, options);
    EXPECT_EQ(result.value, testing::sum_below(1000));
    EXPECT_EQ(result.report.attempts, 110U);
    EXPECT_EQ(result.report.deaths, 0U);
}

/// Leaks 8 MiB a call; throws std::bad_alloc when there are no more.
std::uint64_t leak(const Empty& empty, const Chunk& chunk) {
    volatile char* const lost = new char[std::size_t{8} << 20];
    lost[0] = 1;
    return testing::sum_map(empty, chunk);
}

constexpr auto leak_map = [](const Empty& empty, const Chunk& chunk) { return leak(empty, chunk); };

TEST_F(Faults, ReplaceAWorkerThatHasFilledItsMemory) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer needs all the address space there is";
    }
    for (const int workers : {1, 2}) {
        Pool pool(
            {.workers = workers, .pin = "none", .worker_memory_limit = std::size_t{64} << 20});
        JobOptions<std::uint64_t> options;
        options.grain = 10;
        options.max_attempts = 1;  // that of a fresh worker
        const auto result =
            map_reduce(pool, Range{0, 1000}, Empty{}, leak_map, std::plus<>{}, options);
        EXPECT_EQ(result.value, testing::sum_below(1000));
        EXPECT_GT(result.report.attempts, 100U) << "the map is to run out of memory";
        EXPECT_LT(result.report.attempts, 130U) << "seven maps fit into a worker";
        EXPECT_EQ(result.report.deaths, 0U);
        EXPECT_EQ(testing::chunks_of_workers(result.report), 100U);
    }
}

TEST_F(Faults, ReplaceAWorkerThatHasFilledItsMemoryInAPhase) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer needs all the address space there is";
    }
    Pool pool({.workers = 2, .pin = "none", .worker_memory_limit = std::size_t{64} << 20});
    Phases<Empty> phases;
    phases.add({.range = {0, 60}, .grain = 1, .bytes = 60 * sizeof(std::uint64_t)},
               [](const Empty& empty, const Chunk& chunk, const PhaseMemory& memory) {
                   memory.of<std::uint64_t>(0)[chunk.index] = leak(empty, chunk);
               });
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    options.max_attempts = 1;
    const auto result = map_reduce(
        pool, Range{0, 60}, Empty{}, phases,
        [](const Empty&, const Chunk& chunk, const PhaseMemory& memory) {
            return memory.of<std::uint64_t>(0)[chunk.index];
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, testing::sum_below(60));
    EXPECT_EQ(testing::chunks_of_workers(result.report), 120U);
}

TEST_F(Faults, FailByBadAllocWhenMemoryNeverSuffices) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer needs all the address space there is";
    }
    Pool pool({.workers = 2, .pin = "none", .worker_memory_limit = std::size_t{64} << 20});
    const auto map = [](const Empty&, const Chunk& chunk) {
        const std::vector<char> too_much(std::size_t{256} << 20, 'x');
        return static_cast<int>(too_much[static_cast<std::size_t>(chunk.index)]);
    };
    try {
        map_reduce(pool, Range{0, 10}, Empty{}, map, std::plus<>{});
        FAIL() << "no exception";
    } catch (const JobFailed& e) {
        EXPECT_EQ(e.details().exception_type, "std::bad_alloc");
        EXPECT_EQ(e.details().attempts, 3);
    }
}

TEST_F(Faults, RefuseAMemoryLimitUnderAddressSanitizer) {
    if (!testing::under_asan) {
        GTEST_SKIP() << "this is no AddressSanitizer build";
    }
    EXPECT_THROW(Pool({.workers = 1, .worker_memory_limit = 1 << 20}), std::invalid_argument);
}

TEST_F(Faults, RecycleAWorkerAfterItsShareWithoutCountingADeath) {
    Pool pool({.workers = 1, .pin = "none", .max_chunks_per_worker = 10});
    auto pids = pool.array<int>(100);
    JobOptions<int> options;
    options.grain = 1;
    const auto result = map_reduce(
        pool, Range{0, 100}, pids.data(),
        [](int* const& all, const Chunk& chunk) {
            usleep(200);  // long enough for batches of one
            all[chunk.index] = getpid();
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 100);
    EXPECT_EQ(result.report.deaths, 0U);
    EXPECT_EQ(result.report.attempts, 100U);
    EXPECT_EQ(std::set<int>(pids.begin(), pids.end()).size(), 10U);
}

[[noreturn]] void sleep_for_ever() {
    for (;;) {
        pause();
    }
}

/// Leaves a child, a grandchild and a daemon behind; their pids go to `pids`.
void leave_processes(int* pids) {
    if (fork() == 0) {
        if (fork() == 0) {
            std::atomic_ref(pids[1]).store(getpid());
            sleep_for_ever();
        }
        std::atomic_ref(pids[0]).store(getpid());
        sleep_for_ever();
    }
    const int between = fork();
    if (between == 0) {
        setsid();
        if (fork() == 0) {
            std::atomic_ref(pids[2]).store(getpid());
            sleep_for_ever();
        }
        _exit(0);
    }
    waitpid(between, nullptr, 0);
    for (int i = 0; i < 3; ++i) {
        while (std::atomic_ref(pids[i]).load() == 0) {
            usleep(100);
        }
    }
}

TEST_F(Faults, EndWhatTheMapStartedWithItsWorker) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    auto pids = pool.array<int>(3);
    const auto result = map_reduce(
        pool, Range{0, 1}, pids.data(),
        [](int* const& all, const Chunk&) {
            if (std::atomic_ref(all[0]).load() == 0) {
                leave_processes(all);
                raise(SIGKILL);
            }
            return 1;
        },
        std::plus<>{});
    EXPECT_EQ(result.value, 1);
    const std::vector<int> left(pids.begin(), pids.end());
    EXPECT_TRUE(testing::eventually([&] { return testing::none_alive(left); }));
}

TEST_F(Faults, EndWhatTheMapStartedWithThePool) {
    std::vector<int> left;
    {
        Pool pool = testing::make_pool(Crew::processes, 2);
        auto pids = pool.array<int>(3);
        map_reduce(
            pool, Range{0, 1}, pids.data(),
            [](int* const& all, const Chunk&) {
                leave_processes(all);
                return 1;
            },
            std::plus<>{});
        left.assign(pids.begin(), pids.end());
        EXPECT_FALSE(testing::none_alive(left));
    }
    EXPECT_TRUE(testing::none_alive(left));
}

}  // namespace
}  // namespace pinfold

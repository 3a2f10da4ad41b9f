// How tasks come to their workers, and results to their futures, on pools with workers.

#include <fstream>
#include <map>

#include "clients.hpp"
#include "process_tree.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

TEST_P(Clients, BringEachTaskToItsFuture) {
    std::vector<Future<int>> futures;
    for (int i = 0; i < 1000; ++i) {
        futures.push_back(pool->submit(twice, i));
    }
    for (int i = 0; i < 1000; ++i) {
        EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), 2 * i);
    }
}

TEST_P(Clients, LeaveTasksInWorkers) {
    const int pid = pool->submit([] { return pinfold::this_worker().pid; }).get();
    EXPECT_EQ(pid == getpid(), GetParam() == Crew::threads);
}

TEST_P(Clients, HoldAnyNumberOfUnreadResults) {
    make({.task_slots = 4});
    std::vector<Future<std::vector<int>>> futures;
    for (int i = 0; i < 200; ++i) {
        futures.push_back(pool->submit(numbers_below, i));
    }
    for (int i = 199; i >= 0; --i) {
        EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), numbers_below(i));
    }
}

TEST_P(Clients, GiveMemoryBackWhenNobodyReads) {
    make({.task_slots = 8});
    pool->submit(numbers_below, 1000).wait();
    const std::size_t before = pool->arena()->used_bytes();
    for (int round = 0; round < 3; ++round) {
        std::vector<Future<std::vector<int>>> kept;
        for (int i = 0; i < 100; ++i) {
            kept.push_back(pool->submit(numbers_below, 1000));
            static_cast<void>(pool->submit(numbers_below, 1000).valid());
        }
        kept.front().wait();
    }
    pool->shutdown();
    EXPECT_TRUE(
        pinfold::testing::eventually([&] { return pool->arena()->used_bytes() == before; }));
}

TEST_P(Clients, WaitForRoom) {
    make({.task_slots = 1});
    std::atomic<int> ended{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t < 10; ++t) {
        threads.emplace_back([&] {
            for (int i = 0; i < 50; ++i) {
                ended += pool->submit(twice, i).get() == 2 * i ? 1 : 0;
            }
        });
    }
    threads.clear();
    EXPECT_EQ(ended.load(), 500);
}

TEST_P(Clients, CancelOnlyWhatHasNotStarted) {
    std::vector<Future<void>> busy = keep_all_busy();
    Future<int> pending = pool->submit(twice, 1);
    EXPECT_FALSE(pending.running());
    EXPECT_TRUE(busy.front().running());
    EXPECT_FALSE(busy.front().cancel());
    EXPECT_TRUE(pending.cancel());
    EXPECT_TRUE(pending.cancelled());
    EXPECT_THROW(static_cast<void>(pending.get()), pinfold::Cancelled);
    gate->open();
    for (const Future<void>& future : busy) {
        future.get();
        EXPECT_FALSE(future.cancelled());
    }
    EXPECT_FALSE(busy.front().cancel());
}

TEST_P(Clients, LookForTimesOfNoneAndOfThirtyYears) {
    std::vector<Future<void>> busy = keep_all_busy();
    EXPECT_FALSE(busy.front().wait_for(0s));
    EXPECT_FALSE(busy.front().wait_for(1ms));
    std::jthread opens([&] { gate->open(); });
    EXPECT_TRUE(busy.front().wait_for(std::chrono::seconds(1'000'000'000)));
    EXPECT_TRUE(busy.front().wait_for(0s));
}

TEST_P(Clients, TellWhatATaskThrew) {
    const Future<int> future = pool->submit(
        {.name = "root"}, [](int n) -> int { throw std::domain_error(std::to_string(n)); }, -4);
    for (int again = 0; again < 2; ++again) {
        try {
            static_cast<void>(future.get());
            ADD_FAILURE() << "it threw";
        } catch (const pinfold::TaskFailed& failed) {
            EXPECT_EQ(failed.details().name, "root");
            EXPECT_EQ(failed.details().attempts, 1);
            EXPECT_EQ(failed.details().exception_type, "std::domain_error");
            EXPECT_EQ(failed.details().exception_text, "-4");
            EXPECT_TRUE(failed.details().deaths.empty());
            EXPECT_THROW(std::rethrow_if_nested(failed), std::domain_error);
        }
    }
}

TEST_P(Clients, CallCallbacksThatMayDoAnything) {
    std::atomic<int> called{0};
    Future<int> in_callback;
    const Future<void> last = pool->submit(twice, 1)
                                  .then([&](int two) {
                                      in_callback = pool->submit(twice, two);
                                      ++called;
                                      throw std::runtime_error("goes on");
                                  })
                                  .on_error([&](const std::exception_ptr&) {
                                      ++called;
                                      pool->shutdown();
                                  });
    last.wait();
    EXPECT_EQ(called.load(), 2);
    EXPECT_EQ(in_callback.get(), 4);
    EXPECT_THROW(static_cast<void>(pool->submit(twice, 1)), std::logic_error);
}

TEST_P(Clients, CountFuturesOnADescriptor) {
    const Future<int> early = pool->submit(twice, 1);
    early.wait();
    const int number = pool->completion_fd();
    std::vector<Future<int>> futures;
    for (int i = 0; i < 100; ++i) {
        futures.push_back(pool->submit(twice, i));
    }
    std::uint64_t sum = 0;
    EXPECT_TRUE(pinfold::testing::eventually([&] {
        std::uint64_t count = 0;
        sum += read(number, &count, sizeof count) == 8 ? count : 0;
        return sum >= futures.size();
    }));
    EXPECT_EQ(sum, futures.size());
    for (const Future<int>& future : futures) {
        EXPECT_TRUE(future.done());
    }
}

/// What may become of a future in any thread, at any time. Returns whether it was right.

TEST_P(Clients, GoOnThroughSignalHandlers) {
    struct sigaction handler {};
    handler.sa_handler = [](int) {};
    struct sigaction before {};
    sigaction(SIGALRM, &handler, &before);
    const itimerval often{{0, 500}, {0, 500}};
    setitimer(ITIMER_REAL, &often, nullptr);
    make({.task_slots = 2});
    for (int round = 0; round < 50; ++round) {
        std::vector<Future<int>> futures;
        for (int i = 0; i < 5; ++i) {
            futures.push_back(pool->submit(
                [](int n) {
                    usleep(300);
                    return n;
                },
                i));
        }
        for (int i = 0; i < 5; ++i) {
            EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
        }
    }
    pool->shutdown();
    const itimerval never{};
    setitimer(ITIMER_REAL, &never, nullptr);
    sigaction(SIGALRM, &before, nullptr);
}

// All of the workers wait for the host, which waits for a task.

TEST_P(Clients, OfThreadsRunWhatNoWorkerTakes) {
    if (GetParam() != Crew::threads) {
        GTEST_SKIP() << "worker processes do not share what would wake them";
    }
    const std::vector<Future<void>> busy = keep_all_busy();
    EXPECT_EQ(pool->submit(twice, 21).get(), 42);
    std::vector<Future<int>> futures;
    futures.push_back(pool->submit(twice, 22));
    futures.push_back(pool->submit(twice, 23));
    for (Future<int>& future : pinfold::as_completed(futures)) {
        EXPECT_GE(future.get(), 44);
    }
    gate->open();
}

/// Each waits for the next one, in a thread of the host.
int deeper(int level) {
    return pinfold::submit(deeper, level + 1).get();
}

TEST_P(ClientsOfThreads, RefuseToLieTooDeepInTheHost) {
    const std::vector<Future<void>> busy = keep_all_busy();
    EXPECT_THROW(pool->submit(deeper, 0).get(), pinfold::TaskFailed);
    EXPECT_EQ(pool->submit(twice, 4).get(), 8);
    gate->open();
    pool->shutdown();  // nothing is left of what was refused
}

/// A slot that two tasks had would have the value of one of them.
TEST_P(ClientsOfThreads, AreDroppedWhileTheHostRunsTheirTasks) {
    make({.workers = 1, .task_slots = 2});
    const std::vector<Future<void>> busy = keep_all_busy();
    Gate in_host;
    Future<int> dropped = pool->submit(
        [](Gate* at) {
            at->pass();
            return 1;
        },
        trust(&in_host));
    std::jthread waits([&] { wait(busy); });
    ASSERT_TRUE(in_host.wait_for(1));
    dropped = {};
    in_host.open();
    gate->open();
    waits.join();
    for (int i = 0; i < 100; ++i) {
        const Future<int> one = pool->submit(twice, i);
        const Future<int> other = pool->submit(twice, -i);
        EXPECT_EQ(one.get() - other.get(), 4 * i);
    }
}

TEST_P(ClientsOfProcesses, KillWhatRunsWhenItIsCancelled) {
    Future<void> hangs =
        pool->submit({.kill_on_cancel = true}, [gate = gate.get()] { gate->pass(); });
    ASSERT_TRUE(gate->wait_for(1));
    EXPECT_TRUE(hangs.cancel());
    EXPECT_TRUE(hangs.cancelled());
    EXPECT_THROW(hangs.get(), pinfold::Cancelled);
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(pool->submit(twice, i).get(), 2 * i);
    }
    pool->shutdown();
    EXPECT_EQ(gate->arrived(), 1U);
}

TEST_P(ClientsOfProcesses, HaveAWorkerReplacedAfterSoManyTasks) {
    make({.workers = 1, .max_chunks_per_worker = 3});
    std::map<int, int> tasks_of;
    for (int i = 0; i < 12; ++i) {
        ++tasks_of[pool->submit([] { return getpid(); }).get()];
    }
    EXPECT_EQ(tasks_of.size(), 4U);
    for (const auto& [worker, tasks] : tasks_of) {
        EXPECT_EQ(tasks, 3) << worker;
    }
}

/// How often a process has gone to sleep.
std::string sleeps_of(int process) {
    std::ifstream status("/proc/" + std::to_string(process) + "/status");
    std::string line;
    while (std::getline(status, line) && !line.starts_with("voluntary")) {
    }
    return line;
}

/// All would be woken by each of them, else.
TEST_P(ClientsOfProcesses, WakeOneWorkerForATask) {
    constexpr int workers = 4;
    constexpr int tasks = 20;
    make({.workers = workers});
    const auto ran = pool->array<int>(1);
    const auto all = [] { return workers_of(getpid()); };
    ASSERT_TRUE(eventually([&] { return all().size() == workers; }));
    const auto all_sleep = [&] {
        return std::ranges::all_of(all(), [](int pid) { return stat_fields(pid).at(0) == "S"; });
    };
    int woken = 0;
    for (int task = 0; task < tasks; ++task) {
        ASSERT_TRUE(eventually(all_sleep));
        std::map<int, std::string> before;
        for (const int worker : all()) {
            before[worker] = sleeps_of(worker);
        }
        static_cast<void>(pool->submit(
            [](const shm::Array<int>& count) { std::atomic_ref(count[0]).fetch_add(1); }, ran));
        ASSERT_TRUE(eventually([&] { return std::atomic_ref(ran[0]).load() == task + 1; }));
        ASSERT_TRUE(eventually(all_sleep));
        for (const auto& [worker, sleeps] : before) {
            woken += sleeps_of(worker) != sleeps ? 1 : 0;
        }
    }
    EXPECT_GE(woken, tasks);
    EXPECT_LT(woken, 2 * tasks);
}

TEST_P(ClientsOfProcesses, TellOfDeaths) {
    const Future<void> dies = pool->submit({.max_attempts = 2}, [] { raise(SIGKILL); });
    try {
        dies.get();
        ADD_FAILURE() << "it died";
    } catch (const pinfold::TaskFailed& failed) {
        EXPECT_EQ(failed.details().attempts, 2);
        ASSERT_EQ(failed.details().deaths.size(), 2U);
        EXPECT_EQ(failed.details().deaths[0].how, "signal 9 (Killed)");
        EXPECT_EQ(failed.details().exception_type, "");
    }
}

INSTANTIATE_TEST_SUITE_P(, Clients, ::testing::Values(Crew::threads, Crew::processes), crew_name);

INSTANTIATE_TEST_SUITE_P(, ClientsOfThreads, ::testing::Values(Crew::threads), crew_name);

INSTANTIATE_TEST_SUITE_P(, ClientsOfProcesses, ::testing::Values(Crew::processes), crew_name);

}  // namespace
}  // namespace pinfold::testing

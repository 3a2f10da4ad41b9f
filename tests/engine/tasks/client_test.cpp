// How tasks come to their workers and futures to their ends, on pools with workers.

#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <numeric>
#include <optional>
#include <pinfold/engine/pool.hpp>
#include <pinfold/engine/tasks.hpp>
#include <pinfold/engine/this_worker.hpp>
#include <pinfold/shm/crossing.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "gate.hpp"
#include "leftovers.hpp"
#include "make_pool.hpp"
#include "on_each_crew.hpp"
#include "shared.hpp"

namespace {

using namespace std::chrono_literals;
using pinfold::Crew;
using pinfold::Future;
using pinfold::Pool;
using pinfold::testing::Gate;
using pinfold::testing::Shared;

class Clients : public pinfold::testing::NothingLeft, public ::testing::WithParamInterface<Crew> {
  protected:
    void SetUp() override { make({}); }
    void TearDown() override {
        pool.reset();
        NothingLeft::TearDown();
    }

    void make(pinfold::PoolOptions options) {
        options.crew = GetParam();
        options.workers = options.workers == 0 ? 2 : options.workers;
        options.pin = "none";
        options.arena_bytes = std::size_t{1} << 30;
        pool.reset();
        pool.emplace(options);
    }

    /// Tasks that keep all workers until the gate is open.
    std::vector<Future<void>> keep_all_busy() {
        std::vector<Future<void>> kept;
        for (int i = 0; i < pool->workers(); ++i) {
            kept.push_back(pool->submit([gate = gate.get()] { gate->pass(); }));
        }
        EXPECT_TRUE(gate->wait_for(static_cast<std::uint32_t>(pool->workers())));
        return kept;
    }

    Shared<Gate> gate;
    std::optional<Pool> pool;
};

class ClientsOfProcesses : public Clients {};

int twice(int number) {
    return 2 * number;
}

std::vector<int> numbers_below(int end) {
    std::vector<int> numbers(static_cast<std::size_t>(end));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers;
}

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

TEST_P(Clients, ShutDownWhenAllIsDone) {
    std::vector<Future<int>> futures;
    for (int i = 0; i < 300; ++i) {
        futures.push_back(pool->submit(twice, i));
    }
    pool->shutdown();
    for (int i = 0; i < 300; ++i) {
        EXPECT_TRUE(futures[static_cast<std::size_t>(i)].done());
        EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), 2 * i);
    }
    EXPECT_THROW(static_cast<void>(pool->submit(twice, 1)), std::logic_error);
    pool->shutdown(pinfold::Shutdown::cancel_pending);
}

TEST_P(Clients, CancelWhatIsPendingAtAShutdown) {
    std::vector<Future<void>> busy = keep_all_busy();
    const Future<int> pending = pool->submit(twice, 1);
    std::jthread waits_for_pending([&] { pending.wait(); });
    std::jthread shuts([&] { pool->shutdown(pinfold::Shutdown::cancel_pending); });
    waits_for_pending.join();
    EXPECT_TRUE(pending.cancelled());
    gate->open();
    shuts.join();
    EXPECT_TRUE(busy.front().done());
    EXPECT_FALSE(busy.front().cancelled());
}

TEST_P(Clients, EndWithTheirPoolWhileOthersWait) {
    std::vector<Future<void>> busy = keep_all_busy();
    const Future<int> pending = pool->submit(twice, 1);
    std::atomic<int> called{0};
    const Future<void> hooked =
        pending.then([](int) {}).on_error([&](const std::exception_ptr&) { ++called; });
    std::jthread waits_for_pending([&] { pending.wait(); });
    std::jthread waits_for_busy([&] { busy.front().wait(); });
    std::jthread opens([&] {
        pending.wait();
        if (GetParam() == Crew::threads) {
            gate->open();
        }
    });
    pool.reset();
    EXPECT_TRUE(pending.cancelled());
    EXPECT_TRUE(busy.front().done());
    EXPECT_EQ(busy.front().cancelled(), GetParam() == Crew::processes);
    EXPECT_EQ(called.load(), 1);
    EXPECT_TRUE(hooked.done());
}

TEST_P(Clients, LeaveTheirResultsBehind) {
    Future<std::vector<int>> read_later = pool->submit(numbers_below, 5000);
    const Future<std::vector<int>> read_before = pool->submit(numbers_below, 3);
    static_cast<void>(read_before.get());
    pool->shutdown();
    pool.reset();
    EXPECT_EQ(std::move(read_later).get(), numbers_below(5000));
    EXPECT_EQ(read_before.get(), numbers_below(3));
}

TEST_P(Clients, AreNotForAChild) {
    const std::vector<Future<void>> busy = keep_all_busy();
    const Future<int> chained = pool->submit(twice, 1).then([](int n) { return n; });
    const pid_t child = fork();
    if (child == 0) {
        int refused = 0;
        const auto use = [&](const auto& call) {
            try {
                call();
            } catch (const std::logic_error&) {
                ++refused;
            }
        };
        use([&] { static_cast<void>(pool->submit(twice, 1)); });
        use([&] { busy.front().wait(); });
        use([&] { static_cast<void>(busy.front().done()); });
        use([&] { static_cast<void>(chained.wait_for(0s)); });
        use([&] { pool->shutdown(); });
        { const Future<int> dropped(chained.engine_state()); }
        pool.reset();
        _exit(refused);
    }
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 5);
    gate->open();
    EXPECT_EQ(chained.get(), 2);
}

TEST_P(Clients, EndByACallback) {
    std::atomic<bool> is_gone{false};
    Future<void> ends = pool->submit(twice, 1).then([&](int) {
        pool.reset();
        is_gone = true;
    });
    EXPECT_TRUE(pinfold::testing::eventually([&] { return is_gone.load(); }));
    ends.wait();
}

TEST_P(Clients, ComeAndGo) {
    for (int i = 0; i < 100; ++i) {
        make({});
        const Future<int> left = pool->submit(twice, i);
        const Future<int> hooked = pool->submit(twice, i).then(twice);
        if (i % 2 == 0) {
            EXPECT_EQ(hooked.get(), 4 * i);
        }
    }
}

std::uint64_t fibonacci(int n) {
    if (n < 2) {
        return static_cast<std::uint64_t>(n);
    }
    const Future<std::uint64_t> left = pinfold::submit(fibonacci, n - 1);
    const Future<std::uint64_t> right = pinfold::submit(fibonacci, n - 2);
    return left.get() + right.get();
}

TEST_P(Clients, OfWorkersRunWhatTheyWaitFor) {
    for (const int workers : {1, 2}) {
        make({.workers = workers});
        EXPECT_EQ(pool->submit(fibonacci, 16).get(), 987U);
    }
}

TEST_P(Clients, OfWorkersRunTasksThatFindNoRoom) {
    const auto parent = [](int children) {
        std::vector<Future<int>> futures;
        for (int i = 0; i < children; ++i) {
            futures.push_back(pinfold::submit(twice, i));
        }
        int sum = 0;
        for (const Future<int>& future : futures) {
            sum += future.get();
        }
        return sum;
    };
    make({.workers = 1});
    EXPECT_EQ(pool->submit(parent, 500).get(), 500 * 499);
}

std::vector<int> long_child(int end) {
    return pinfold::submit(numbers_below, end).get();
}

TEST_P(Clients, OfWorkersReadLongResults) {
    EXPECT_EQ(pool->submit(long_child, 20'000).get(), numbers_below(20'000));
}

TEST_P(Clients, OfWorkersWaitForWhatHooksMake) {
    make({.workers = 1});
    const auto chain = [] {
        const Future<int> made =
            pinfold::submit(twice, 1).then([](int n) { return n + 1; }).then([](int n) {
                return 10 * n;
            });
        return made.get();
    };
    EXPECT_EQ(pool->submit(chain).get(), 30);
}

int too_deep(int depth) {
    try {
        return pinfold::submit(too_deep, depth + 1).get();
    } catch (const pinfold::TaskFailed& failed) {
        throw std::length_error(failed.details().exception_text);
    }
}

TEST_P(Clients, OfWorkersRefuseToLieTooDeepInOneAnother) {
    make({.workers = 1});
    try {
        static_cast<void>(pool->submit(too_deep, 0).get());
        ADD_FAILURE() << "it threw";
    } catch (const pinfold::TaskFailed& failed) {
        EXPECT_NE(failed.details().exception_text.find("deep"), std::string::npos) << failed.what();
    }
    EXPECT_EQ(pool->submit(twice, 3).get(), 6);
}

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

INSTANTIATE_TEST_SUITE_P(, Clients, ::testing::Values(Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

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

TEST_P(ClientsOfProcesses, KillWhatRunsAtAShutdown) {
    const std::vector<Future<void>> busy = keep_all_busy();
    const Future<int> pending = pool->submit(twice, 1);
    pool->shutdown(pinfold::Shutdown::kill);
    EXPECT_TRUE(pending.cancelled());
    for (const Future<void>& future : busy) {
        EXPECT_TRUE(future.cancelled());
    }
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

TEST_P(ClientsOfProcesses, BreakForEveryWaiter) {
    const std::vector<Future<void>> busy = keep_all_busy();
    const Future<int> pending = pool->submit(twice, 1);
    const Future<int> chained = pending.then(twice);
    const int supervisor = pinfold::testing::descendants(getpid()).front();
    const auto is_broken = [](const auto& future) {
        try {
            static_cast<void>(future.get());
            return false;
        } catch (const pinfold::PoolBroken&) {
            return true;
        }
    };
    std::atomic<int> broken{0};
    std::vector<std::jthread> waiters;
    for (int i = 0; i < 3; ++i) {
        waiters.emplace_back([&] { broken += is_broken(pending) ? 1 : 0; });
        waiters.emplace_back([&] { broken += is_broken(busy.front()) ? 1 : 0; });
        waiters.emplace_back([&] { broken += is_broken(chained) ? 1 : 0; });
    }
    kill(supervisor, SIGKILL);
    waiters.clear();
    EXPECT_EQ(broken.load(), 9);
    EXPECT_TRUE(is_broken(busy.back()));
    EXPECT_THROW(static_cast<void>(pool->submit(twice, 1)), pinfold::PoolBroken);
    EXPECT_THROW(pool->shutdown(), pinfold::PoolBroken);
}

TEST_P(ClientsOfProcesses, HearOfAnInitializerThatFailsLater) {
    Shared<std::atomic<bool>> fails;
    make({.initializer = [fails = fails.get()] {
        if (fails->load()) {
            throw std::runtime_error("no licence any more");
        }
    }});
    fails->store(true);
    const Future<void> dies = pool->submit([] { raise(SIGKILL); });
    try {
        dies.get();
        ADD_FAILURE() << "no worker starts";
    } catch (const pinfold::PoolBroken& broken) {
        EXPECT_NE(std::string(broken.what()).find("no licence any more"), std::string::npos);
    }
}

INSTANTIATE_TEST_SUITE_P(, ClientsOfProcesses, ::testing::Values(Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace

// How futures end with their pool: shut down, destroyed, broken, or in a child.

#include "clients.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

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
    std::jthread waits_for_pending([&] { pending.wait_for(1h); });
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
    std::jthread waits_for_pending([&] { pending.wait_for(1h); });
    std::jthread waits_for_busy([&] { busy.front().wait(); });
    std::jthread opens([&] {
        pending.wait_for(1h);
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

int twice_of_a_task(int number) {
    return pinfold::submit(twice, number).get();
}

/// All workers stand still, so the host runs it while it shuts down.
TEST_P(Clients, SubmitInTasksWhileTheirPoolIsShutDown) {
    if (GetParam() == Crew::threads) {
        const std::vector<Future<void>> busy = keep_all_busy();
        const Future<int> parent = pool->submit(twice_of_a_task, 4);
        std::jthread opens([&] {
            parent.wait();
            gate->open();
        });
        pool->shutdown();
        EXPECT_EQ(parent.get(), 8);
    } else {
        const Future<int> parent = pool->submit(
            [gate = gate.get()](int number) {
                gate->pass();
                return twice_of_a_task(number);
            },
            4);
        std::jthread opens([&] { gate->open(); });
        pool->shutdown();
        EXPECT_EQ(parent.get(), 8);
    }
}

int endless(int number) {
    static_cast<void>(pinfold::submit(endless, number + 1));
    return number;
}

/// They keep a worker busy, but neither the host's tasks nor the pool's end wait for them.
TEST_P(Clients, EndBesideTasksThatSubmitTasksWithoutEnd) {
    make({.workers = 1});
    EXPECT_EQ(pool->submit(endless, 0).get(), 0);
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(pool->submit(twice, i).get(), 2 * i);
    }
    pool->shutdown();
    pool.reset();
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

bool use_somehow(Future<int> future, int number, unsigned how) {
    switch (how % 5) {
        case 0:
            return future.cancel() ? future.cancelled() : true;
        case 1:
            return true;  // dropped
        case 2:
            return !future.then(twice).wait_for(0s) || future.done();
        case 3:
            return !future.wait_for(1ms) || future.done();
        default:
            break;
    }
    try {
        return std::move(future).get() == number;
    } catch (const pinfold::Cancelled&) {
        return true;
    }
}

TEST_P(Clients, EndWithTheirPoolInTheMiddleOfAnything) {
    constexpr int threads = 3;
    for (unsigned round = 0; round < 30; ++round) {
        make({.task_slots = 16});
        std::vector<std::vector<Future<int>>> futures(threads);
        std::atomic<int> wrong{0};
        std::vector<std::jthread> users;
        std::atomic<int> ready{0};
        for (int t = 0; t < threads; ++t) {
            for (int i = 0; i < 30; ++i) {
                futures[static_cast<std::size_t>(t)].push_back(pool->submit(
                    [](int n) {
                        usleep(n % 3 == 0 ? 300 : 0);
                        return n;
                    },
                    i));
            }
        }
        for (unsigned t = 0; t < threads; ++t) {
            users.emplace_back([&, t] {
                ++ready;
                for (int i = 0; i < 30; ++i) {
                    Future<int>& future = futures[t][static_cast<std::size_t>(i)];
                    wrong += use_somehow(std::move(future), i, round + t + unsigned(i) * 7) ? 0 : 1;
                }
            });
        }
        while (ready < static_cast<int>(round % (threads + 1))) {
            std::this_thread::yield();
        }
        pool.reset();
        users.clear();
        EXPECT_EQ(wrong.load(), 0);
    }
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

INSTANTIATE_TEST_SUITE_P(, Clients, ::testing::Values(Crew::threads, Crew::processes), crew_name);

INSTANTIATE_TEST_SUITE_P(, ClientsOfProcesses, ::testing::Values(Crew::processes), crew_name);

}  // namespace
}  // namespace pinfold::testing

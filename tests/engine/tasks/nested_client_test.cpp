// Tasks that submit tasks and wait for them.

#include <array>
#include <pinfold/shm/heap.hpp>

#include "clients.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

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
        EXPECT_EQ(pool->submit(fibonacci, 20).get(), 6765U);
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

/// It would be called after this one, which waits for it.
TEST_P(Clients, OfWorkersRefuseHooksThatWaitForOneAnother) {
    const auto parent = [] {
        const Future<int> first = pinfold::submit(twice, 1);
        const Future<int> second = pinfold::submit(twice, 2);
        Future<int> later;
        const auto made = first.then([&](int n) { return n + later.get(); });
        later = second.then(twice);
        try {
            return made.get();
        } catch (const std::logic_error&) {
            return -later.get();
        }
    };
    EXPECT_EQ(pool->submit(parent).get(), -8);
}

// ---- cancelled children

struct Places {
    Gate* gate;
    std::atomic<int>* count;
};

struct AtCount {
    std::atomic<int>* count;
};

int stay_at(const Places& at) {
    ++*at.count;
    at.gate->pass();
    return 1;
}

Future<int> submit_deadly(const Places& at) {
    Future<int> child = pinfold::submit({.kill_on_cancel = true}, stay_at, at);
    while (!child.running()) {
        usleep(100);
    }
    return child;
}

/// Of a running child's worker: whether it is free again, with a successor on it.
void expect_both_workers(Pool& pool, Gate& gate) {
    std::vector<Future<void>> kept;
    for (int i = 0; i < 2; ++i) {
        kept.push_back(pool.submit([at = &gate] { at->pass(); }));
    }
    EXPECT_TRUE(gate.wait_for(2)) << "a worker is still on what was cancelled";
    gate.open();
}

TEST_P(ClientsOfProcesses, OfWorkersKillWhatRunsElsewhere) {
    const Shared<std::atomic<int>> starts;
    const Shared<Gate> later;
    make({});
    const auto parent = [](const Places& at) {
        Future<int> child = submit_deadly(at);
        const bool is_cancelled = child.cancel() && child.cancelled() && child.cancel();
        try {
            return child.get();
        } catch (const Cancelled&) {
            return is_cancelled ? pinfold::submit(twice, 50).get() : -1;
        }
    };
    EXPECT_EQ(pool->submit(parent, Places{gate.get(), starts.get()}).get(), 100);
    expect_both_workers(*pool, *later);
    EXPECT_EQ(starts->load(), 1) << "it has started again";
}

/// Its mark stays, and its death is what the supervisor looks for marks at.
TEST_P(ClientsOfProcesses, OfWorkersThatDieWithACancelOfTheirsHaveItDone) {
    const Shared<std::atomic<int>> starts;
    const Shared<std::atomic<int>> attempts;
    const Shared<Gate> later;
    make({});
    const auto parent = [](const Places& at, AtCount attempt) {
        if (++*attempt.count > 1) {
            return attempt.count->load();
        }
        Future<int> child = submit_deadly(at);
        static_cast<void>(child.cancel());
        raise(SIGKILL);
        return -1;
    };
    const auto attempt = AtCount{attempts.get()};
    EXPECT_EQ(pool->submit(parent, Places{gate.get(), starts.get()}, attempt).get(), 2);
    expect_both_workers(*pool, *later);
    EXPECT_EQ(starts->load(), 1);
}

/// The worker of such a child is that of its parent, which would die as well.
TEST_P(ClientsOfProcesses, OfWorkersDoNotKillTheirOwn) {
    const Shared<std::atomic<int>> starts;
    make({.workers = 1});
    const auto parent = [](const Places& at) {
        Future<int> child = pinfold::submit({.kill_on_cancel = true}, stay_at, at);
        std::jthread other([&] {
            while (at.gate->arrived() == 0) {
                usleep(100);
            }
            *at.count += child.cancel() ? 100 : 10;
            at.gate->open();
        });
        return child.get();
    };
    EXPECT_EQ(pool->submit(parent, Places{gate.get(), starts.get()}).get(), 1);
    EXPECT_EQ(starts->load(), 11);
}

/// Either it is cancelled, or it has its value.
TEST_P(ClientsOfProcesses, OfWorkersCancelWhatIsAboutToEnd) {
    const auto parent = [](int rounds) {
        int right = 0;
        for (int i = 0; i < rounds; ++i) {
            auto child = pinfold::submit(
                {.kill_on_cancel = true},
                [](int n) {
                    usleep(static_cast<useconds_t>(n % 7) * 30);
                    return std::string(500, static_cast<char>('a' + n % 26));
                },
                i);
            usleep(static_cast<useconds_t>(i % 11) * 20);
            if (child.cancel()) {
                right += child.cancelled() ? 1 : 0;
            } else {
                right += child.get().front() == static_cast<char>('a' + i % 26) ? 1 : 0;
            }
        }
        return right;
    };
    EXPECT_EQ(pool->submit({.must_not_run_twice = true}, parent, 500).get(), 500);
    EXPECT_TRUE(eventually([&] { return pool->arena()->heap()->used_bytes() == 0; }));
}

TEST_P(Clients, OfThreadsRefuseToKillWhatTheySubmit) {
    if (GetParam() == Crew::threads) {
        const auto refused = pool->submit(
            [] { static_cast<void>(pinfold::submit({.kill_on_cancel = true}, twice, 1)); });
        try {
            refused.get();
            ADD_FAILURE() << "accepted";
        } catch (const TaskFailed& failed) {
            EXPECT_NE(failed.details().exception_text.find("kill_on_cancel"), std::string::npos);
        }
    }
}

// ---- futures that others have

/// What tasks leave for others: of threads alone, since a worker's memory is its own.
struct Left {
    std::array<std::atomic<const Future<int>*>, 2> futures{};
    std::atomic<int> done{0};

    const Future<int>& take(std::size_t i) {
        while (futures[i] == nullptr) {
            usleep(100);
        }
        return *futures[i];
    }
};

int wait_for_one(const Future<int>& future) {
    future.wait();
    return future.get();
}

class SharedFutures : public ClientsOfThreads {
  protected:
    Left left;
};

/// Each waits for what lies behind it in the other's lane, and not for its own.
TEST_P(SharedFutures, OfTwoTasksThatWaitForEachOthersChildren) {
    const auto parent = [](Left* all, std::size_t own) {
        const Future<int> child = pinfold::submit(twice, static_cast<int>(own) + 1);
        all->futures[own] = &child;
        const Future<int>& other = all->take(1 - own);
        const int value = own == 0 ? other.get() : wait_for_one(other);
        ++all->done;
        while (all->done != 2) {
            usleep(100);
        }
        return value;
    };
    for (int round = 0; round < 50; ++round) {
        left.futures[0] = left.futures[1] = nullptr;
        left.done = 0;
        const auto first = pool->submit(parent, trust(&left), std::size_t{0});
        const auto second = pool->submit(parent, trust(&left), std::size_t{1});
        EXPECT_EQ(first.get(), 4);
        EXPECT_EQ(second.get(), 2);
    }
}

TEST_P(SharedFutures, OfAChildForWhichItsHostWaits) {
    make({.workers = 1});
    const auto parent = [](Left* all) {
        const Future<int> child = pinfold::submit(twice, 4);
        all->futures[0] = &child;
        while (all->done == 0) {
            usleep(100);
        }
        return child.get();
    };
    const auto of_parent = pool->submit(parent, trust(&left));
    EXPECT_EQ(left.take(0).get(), 8);
    left.done = 1;
    EXPECT_EQ(of_parent.get(), 8);
}

TEST_P(SharedFutures, OfTheHostForWhichATaskWaits) {
    make({.workers = 1});
    const auto waiting = [](Left* all) { return all->take(0).get() + wait_for_one(all->take(1)); };
    const auto of_waiting = pool->submit(waiting, trust(&left));
    const std::array of_host{pool->submit(twice, 1), pool->submit(twice, 2)};
    left.futures[0] = &of_host[0];
    left.futures[1] = &of_host[1];
    EXPECT_EQ(of_waiting.get(), 6);
    EXPECT_EQ(of_host[0].get(), 2);
}

/// The pool waits for tasks, which wait for one of the host's, that runs on.
TEST_P(SharedFutures, OfTheHostForWhichTasksOfAClosingPoolWait) {
    make({.workers = 3});
    Gate here;
    std::vector<Future<int>> of_host;
    of_host.push_back(pool->submit(
        [](Gate* at) {
            at->pass();
            return 5;
        },
        trust(&here)));
    ASSERT_TRUE(here.wait_for(1));
    const auto get_it = [](const std::vector<Future<int>>* all, Gate* at) {
        at->arrive();
        return all->front().get();
    };
    const auto wait_for_all = [](const std::vector<Future<int>>* all, Gate* at) {
        at->arrive();
        return wait(*all).done.size();
    };
    const auto gets = pool->submit(get_it, trust(&of_host), trust(&here));
    const auto waits = pool->submit(wait_for_all, trust(&of_host), trust(&here));
    ASSERT_TRUE(here.wait_for(3));
    const auto pending = pool->submit(twice, 1);
    std::jthread opener([&] {
        pending.wait_for(1h);  // for ever, it would run it itself
        here.open();
    });
    pool.reset();
    EXPECT_EQ(gets.get(), 5);
    EXPECT_EQ(waits.get(), 1U);
}

/// The task waits for the thread, which waits for what nobody else can run.
TEST_P(Clients, OfWorkersServeTheirThreads) {
    make({.workers = 1});
    const auto parent = [] {
        const Future<std::vector<int>> child = pinfold::submit(numbers_below, 500);
        std::size_t of_thread = 0;
        std::jthread([&] { of_thread = child.get().size(); }).join();
        return of_thread + child.get().size();
    };
    EXPECT_EQ(pool->submit(parent).get(), 1000U);
}

INSTANTIATE_TEST_SUITE_P(, ClientsOfProcesses, ::testing::Values(Crew::processes), crew_name);
INSTANTIATE_TEST_SUITE_P(, SharedFutures, ::testing::Values(Crew::threads), crew_name);
INSTANTIATE_TEST_SUITE_P(, Clients, ::testing::Values(Crew::threads, Crew::processes), crew_name);

}  // namespace
}  // namespace pinfold::testing

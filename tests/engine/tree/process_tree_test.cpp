// The tree of processes ends with its host, however that ends, and the host learns when the tree is
// broken.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <pinfold/engine/errors.hpp>
#include <string>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Empty;
using testing::HostProcess;

class ProcessTree : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

constexpr auto never_ends = [](const testing::AtGate& at, const Chunk&) {
    at.gate->arrive();
    for (;;) {
        usleep(1000);
    }
    return 1;
};

std::uint64_t small_sum(Pool& pool) {
    return map_reduce(pool, Range{0, 1000}, Empty{}, testing::sum_map, std::plus<>{}).value;
}

/// A host that tells "ready" once its pool stands, and then sleeps.
void idle_host(const HostProcess::Tell& tell) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    small_sum(pool);
    tell("ready");
    for (;;) {
        pause();
    }
}

/// A host whose two workers run a map when it tells "ready".
void busy_host(const HostProcess::Tell& tell) {
    const testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(Crew::processes, 2);
    const std::jthread teller([&] {
        if (gate->wait_for(2)) {
            tell("ready");
        }
    });
    JobOptions<int> options;
    options.grain = 1;
    map_reduce(pool, Range{0, 100}, testing::AtGate{gate.get()}, never_ends, std::plus<>{},
               options);
}

/// A host whose map has left a process of its own behind.
void host_with_grandchildren(const HostProcess::Tell& tell) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    map_reduce(
        pool, Range{0, 1}, Empty{},
        [](const Empty&, const Chunk&) {
            if (fork() == 0) {
                setsid();
                for (;;) {
                    pause();
                }
            }
            return 1;
        },
        std::plus<>{});
    tell("ready");
    pause();
}

/// It becomes another program at SIGUSR1.
void busy_host_that_execs(const HostProcess::Tell& tell) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGUSR1);
    sigprocmask(SIG_BLOCK, &awaited, nullptr);
    const testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(Crew::processes, 2);
    std::jthread other([&] {
        JobOptions<int> options;
        options.grain = 1;
        map_reduce(pool, Range{0, 100}, testing::AtGate{gate.get()}, never_ends, std::plus<>{},
                   options);
    });
    if (gate->wait_for(2)) {
        tell("ready");
    }
    int signal = 0;
    sigwait(&awaited, &signal);
    execl("/bin/sleep", "sleep", "1000", nullptr);
}

struct EndOfHost {
    const char* name;
    void (*host)(const HostProcess::Tell&);
    int signal;
};

class HostEnds : public ProcessTree, public ::testing::WithParamInterface<EndOfHost> {};

TEST_P(HostEnds, AndTakesTheTreeAlong) {
    HostProcess host(GetParam().host);
    ASSERT_EQ(host.next_line(), "ready");
    const std::vector<int> tree = testing::descendants(host.pid());
    EXPECT_GE(tree.size(), 3U) << "a supervisor and two workers";
    kill(host.pid(), GetParam().signal);
    EXPECT_TRUE(testing::eventually([&] { return testing::none_alive(tree); }));
}

INSTANTIATE_TEST_SUITE_P(
    Ways, HostEnds,
    ::testing::Values(EndOfHost{"KilledWhileIdle", idle_host, SIGKILL},
                      EndOfHost{"KilledWhileBusy", busy_host, SIGKILL},
                      EndOfHost{"TerminatedWhileBusy", busy_host, SIGTERM},
                      EndOfHost{"KilledAfterItsMapsForked", host_with_grandchildren, SIGKILL},
                      EndOfHost{"ExecsWhileBusy", busy_host_that_execs, SIGUSR1}),
    [](const auto& the) { return std::string(the.param.name); });

TEST_F(ProcessTree, EndsWhenTheHostExitsWithoutDestroyingItsPool) {
    HostProcess host([](const HostProcess::Tell& tell) {
        Pool pool = testing::make_pool(Crew::processes, 2);
        std::string pids;
        for (const int pid : testing::workers_of(getpid(), 2)) {
            pids += std::to_string(pid) + " ";
        }
        tell(pids + std::to_string(testing::supervisor_of(getpid())));
        _exit(0);
    });
    std::istringstream line(host.next_line());
    const std::vector<int> tree{std::istream_iterator<int>(line), {}};
    host.wait();
    ASSERT_EQ(tree.size(), 3U);
    EXPECT_TRUE(testing::eventually([&] { return testing::none_alive(tree); }));
}

TEST_F(ProcessTree, OutlivesTheThreadThatMadeThePool) {
    std::unique_ptr<Pool> pool;
    std::thread([&] {
        pool = std::make_unique<Pool>(PoolOptions{.workers = 2, .pin = "none"});
    }).join();
    for (int repeat = 0; repeat < 10; ++repeat) {
        EXPECT_EQ(small_sum(*pool), testing::sum_below(1000));
        usleep(1000);
    }
}

TEST_F(ProcessTree, TellsAWaitingHostThatTheSupervisorWasKilled) {
    const testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(Crew::processes, 2);
    const int supervisor = testing::supervisor_of(getpid());
    const std::vector<int> workers = testing::workers_of(getpid(), 2);
    std::jthread killer([&] {
        EXPECT_TRUE(gate->wait_for(1));
        testing::signal_child(getpid(), supervisor, SIGKILL);
    });
    EXPECT_THROW(
        map_reduce(pool, Range{0, 10}, testing::AtGate{gate.get()}, never_ends, std::plus<>{}),
        PoolBroken);
    EXPECT_TRUE(testing::eventually([&] { return testing::none_alive(workers); }));
    EXPECT_THROW(small_sum(pool), PoolBroken) << "and it stays broken";
}

TEST_F(ProcessTree, TellsAnIdleHostAtItsNextJobThatTheSupervisorWasKilled) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const int supervisor = testing::supervisor_of(getpid());
    testing::signal_child(getpid(), supervisor, SIGKILL);
    ASSERT_TRUE(testing::eventually([&] { return !testing::is_alive(supervisor); }));
    EXPECT_THROW(small_sum(pool), PoolBroken);
}

TEST_F(ProcessTree, MakesAStoppedSupervisorGoOnEachTime) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const int supervisor = testing::supervisor_of(getpid());
    for (int stop = 0; stop < 2; ++stop) {
        if (stop != 0) {
            usleep(1'000'000);  // two stops within a second look like a supervisor that is held
        }
        auto starts = pool.array<std::uint32_t>(1);
        ASSERT_TRUE(testing::signal_child(getpid(), supervisor, SIGSTOP));
        const auto result = map_reduce(
            pool, Range{0, 1}, starts.data(),
            [](std::uint32_t* const& count, const Chunk&) {
                if (std::atomic_ref(*count).fetch_add(1) == 0) {
                    raise(SIGKILL);  // only a supervisor that runs sees this
                }
                return 7;
            },
            std::plus<>{});
        EXPECT_EQ(result.value, 7);
        EXPECT_EQ(result.report.deaths, 1U);
        ASSERT_EQ(result.report.latest_deaths.size(), 1U);
        EXPECT_EQ(result.report.latest_deaths[0].how, "signal 9 (Killed)");
    }
}

TEST_F(ProcessTree, EndsAPoolWhoseSupervisorIsStopped) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGSTOP);
}

TEST_F(ProcessTree, EndsAPoolWhoseWorkersAreStopped) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const int supervisor = testing::supervisor_of(getpid());
    for (const int worker : testing::workers_of(getpid(), 2)) {
        EXPECT_TRUE(testing::signal_child(supervisor, worker, SIGSTOP));
    }
}

TEST_F(ProcessTree, ReplacesIdleWorkersThatAreKilled) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const int supervisor = testing::supervisor_of(getpid());
    const std::vector<int> before = testing::workers_of(getpid(), 2);
    for (const int worker : before) {
        EXPECT_TRUE(testing::signal_child(supervisor, worker, SIGKILL));
    }
    EXPECT_EQ(small_sum(pool), testing::sum_below(1000));
    EXPECT_TRUE(testing::eventually([&] { return testing::none_alive(before); }));
    EXPECT_EQ(testing::workers_of(getpid(), 2).size(), 2U);
}

TEST_F(ProcessTree, EndsEachPoolWithoutTheOthers) {
    Pool first = testing::make_pool(Crew::processes, 1);
    auto second = std::make_unique<Pool>(testing::make_pool(Crew::processes, 1));
    Pool third = testing::make_pool(Crew::processes, 1);
    second.reset();
    EXPECT_EQ(testing::supervisors_of(getpid()).size(), 2U);
    EXPECT_EQ(small_sum(first), testing::sum_below(1000));
    EXPECT_EQ(small_sum(third), testing::sum_below(1000));
}

TEST_F(ProcessTree, IgnoresWhatATerminalSendsToTheGroup) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    const int supervisor = testing::supervisor_of(getpid());
    const std::vector<int> workers = testing::workers_of(getpid(), 2);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) {
        testing::signal_child(getpid(), supervisor, signal);
        for (const int worker : workers) {
            testing::signal_child(supervisor, worker, signal);
        }
    }
    usleep(10'000);
    EXPECT_EQ(small_sum(pool), testing::sum_below(1000));
    EXPECT_EQ(testing::workers_of(getpid(), 2), workers);
}

TEST_F(ProcessTree, OfAChildThatTheUserForkedIsItsParentsAlone) {
    auto pool = std::make_unique<Pool>(testing::make_pool(Crew::processes, 2));
    auto data = pool->array<std::uint64_t>(100'000);
    std::fill(data.begin(), data.end(), 3);
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        std::string text;
        const auto note = [&](const std::function<void()>& use) {
            try {
                use();
                text += "accepted ";
            } catch (const std::logic_error&) {
                text += "refused ";
            }
        };
        note([&] { small_sum(*pool); });
        note([&] { static_cast<void>(pool->array<int>(1)); });
        pool.reset();
        tell(text + "destroyed");
    });
    EXPECT_EQ(told, "refused refused destroyed");
    EXPECT_EQ(small_sum(*pool), testing::sum_below(1000));
    EXPECT_EQ(std::count(data.begin(), data.end(), 3), 100'000);
}

TEST_F(ProcessTree, WithoutWorkersIsRefusedThereToo) {
    Pool pool = testing::make_pool(Crew::serial, 1);
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        try {
            small_sum(pool);
            tell("accepted");
        } catch (const std::logic_error&) {
            tell("refused");
        }
    });
    EXPECT_EQ(told, "refused");
    EXPECT_EQ(small_sum(pool), testing::sum_below(1000));
}

TEST_F(ProcessTree, StandsInAChildThatTheUserForked) {
    Pool outer = testing::make_pool(Crew::processes, 1);
    HostProcess daemon([](const HostProcess::Tell&) {
        closefrom(3);  // as daemons do; the parent's pipes are among them
        std::uint64_t sum = 0;
        {
            Pool inner = testing::make_pool(Crew::processes, 2);
            sum = small_sum(inner);
        }
        const bool right =
            sum == testing::sum_below(1000) && testing::descendants(getpid()).empty();
        _exit(right ? 0 : 1);
    });
    EXPECT_EQ(daemon.wait(), 0);
    EXPECT_EQ(small_sum(outer), testing::sum_below(1000));
}

}  // namespace
}  // namespace pinfold

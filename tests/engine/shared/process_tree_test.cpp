// What becomes of Processes when others end: the host, the supervisor, the program's descriptors.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <mutex>
#include <optional>
#include <pinfold/engine/shared.hpp>
#include <pinfold/pinfold.hpp>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "gate.hpp"
#include "on_each_crew.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::Gate;
using testing::HostProcess;

class ProcessTree : public testing::NothingLeft {};

std::string pid_text(const Process& process) {
    return std::to_string(process.pid());
}

/// Not even a zombie.
bool is_gone(int pid) {
    return testing::stat_fields(pid).empty();
}

/// What a wait that ends by PoolBroken says of itself.
template <typename Call>
bool is_broken_in(const Call& call) {
    try {
        call();
        return false;
    } catch (const PoolBroken&) {
        return true;
    }
}

TEST_F(ProcessTree, OfAHostThatIsKilledIsGone) {
    HostProcess host([](const HostProcess::Tell& tell) {
        const Pool pool({.crew = Crew::processes, .workers = 1});
        const Mutex mutex(pool);
        mutex.lock();
        const Process waiter(pool, [&] { mutex.lock(); });
        const Process deaf(pool, [] {
            sigset_t all;
            sigfillset(&all);
            sigprocmask(SIG_SETMASK, &all, nullptr);
            pause();
        });
        const Process stopped(pool, [] { pause(); });
        kill(stopped.pid(), SIGSTOP);
        tell(pid_text(waiter));
        tell(pid_text(deaf));
        tell(pid_text(stopped));
        pause();
    });
    const std::vector<int> pids{std::stoi(host.next_line()), std::stoi(host.next_line()),
                                std::stoi(host.next_line())};
    const std::vector<int> all = testing::descendants(host.pid());
    EXPECT_EQ(all.size(), 5U) << "with a supervisor and a worker";
    host.end(SIGKILL);
    EXPECT_TRUE(eventually([&] { return testing::none_alive(all); }));
}

TEST_F(ProcessTree, OfAHostThatIsKilledAtAnyMomentIsGone) {
    for (int i = 0; i < 30; ++i) {
        HostProcess host([](const HostProcess::Tell& tell) {
            const Shared shared;
            std::vector<Process> processes;
            tell("begins");
            for (int k = 0; k < 100; ++k) {
                processes.emplace_back(shared, [] { pause(); });
            }
            pause();
        });
        host.next_line();
        usleep(static_cast<unsigned>(i) * 150);
        kill(host.pid(), SIGSTOP);
        const std::vector<int> all = testing::descendants(host.pid());
        host.end(SIGKILL);
        EXPECT_TRUE(eventually([&] { return testing::none_alive(all); }));
    }
}

TEST_F(ProcessTree, OfAHostThatCallsExecOrExitsIsGone) {
    for (const bool execs : {true, false}) {
        HostProcess host([execs](const HostProcess::Tell& tell) {
            const Shared shared;
            const Process process(shared, [] { pause(); });
            tell(pid_text(process));
            if (execs) {
                execl("/bin/sleep", "sleep", "60", nullptr);
            }
            std::quick_exit(0);
        });
        const int pid = std::stoi(host.next_line());
        EXPECT_TRUE(eventually([&] { return !testing::is_alive(pid); })) << execs;
    }
}

TEST_F(ProcessTree, OfADetachedProcessLivesOn) {
    const testing::Shared<Gate> gate;
    const testing::Shared<std::atomic<int>> broken;
    HostProcess host([&](const HostProcess::Tell& tell) {
        const Shared shared;
        const Mutex mutex(shared);
        mutex.lock();
        const Process process(shared,
                              [&] {
                                  gate->arrive();
                                  *broken = is_broken_in([&] { mutex.lock(); }) ? 1 : 2;
                                  mutex.unlock();
                              },
                              {.detached = true});
        static_cast<void>(gate->wait_for(1));
        tell(pid_text(process));
        pause();
    });
    const int pid = std::stoi(host.next_line());
    host.end(SIGKILL);
    EXPECT_TRUE(eventually([&] { return *broken != 0; }));
    EXPECT_EQ(*broken, 1) << "nobody would tell of the holder's death";
    EXPECT_TRUE(eventually([&] { return !testing::is_alive(pid); }));
}

TEST_F(ProcessTree, OfADetachedProcessIsNotWaitedFor) {
    const testing::Shared<Gate> gate;
    std::optional<int> pid;
    {
        const Shared shared;
        const Mutex mutex(shared);
        const Process process(shared,
                              [&] {
                                  mutex.lock();
                                  gate->pass();
                                  mutex.unlock();
                              },
                              {.detached = true});
        ASSERT_TRUE(gate->wait_for(1));
        pid = process.pid();
    }
    EXPECT_TRUE(testing::is_alive(*pid));
    gate->open();
    EXPECT_TRUE(eventually([&] { return is_gone(*pid); })) << "no zombie, though its space ended";
}

// The thread that forked it ends with the space, and its signal must not come then.
TEST_F(ProcessTree, OfADetachedProcessWhoseSpaceEndsAtItsBirthLivesOn) {
    constexpr int count = 30;
    const testing::Shared<std::atomic<int>> have_run;
    std::vector<int> pids;
    for (int i = 0; i < count; ++i) {
        const Shared shared;
        const Process process(shared, [&] { ++*have_run; }, {.detached = true});
        pids.push_back(process.pid());
    }
    EXPECT_TRUE(eventually([&] { return *have_run == count; })) << *have_run;
    EXPECT_TRUE(eventually([&] { return std::ranges::all_of(pids, is_gone); }));
}

TEST_F(ProcessTree, OfADetachedProcessOfAPoolThatEndedLeavesNoZombie) {
    const testing::Shared<Gate> gate;
    std::vector<int> pids;
    {
        const Pool pool({.crew = Crew::processes, .workers = 1});
        for (int i = 0; i < 3; ++i) {
            const Process process(pool, [&] { gate->pass(); }, {.detached = true});
            pids.push_back(process.pid());
        }
        ASSERT_TRUE(gate->wait_for(3));
    }
    EXPECT_TRUE(std::ranges::all_of(pids, testing::is_alive));
    kill(pids[0], SIGKILL);
    EXPECT_TRUE(eventually([&] { return is_gone(pids[0]); }));
    EXPECT_TRUE(testing::is_alive(pids[1]));
    gate->open();
    EXPECT_TRUE(eventually([&] { return std::ranges::all_of(pids, is_gone); }));
}

TEST_F(ProcessTree, OfABrokenPoolWaitsForNothing) {
    const testing::Shared<Gate> gate;
    Pool pool({.crew = Crew::processes, .workers = 1});
    const Mutex mutex(pool);
    mutex.lock();
    const Process process(pool, [&] {
        gate->arrive();
        std::_Exit(is_broken_in([&] { mutex.lock(); }) ? 42 : 43);
    });
    std::thread waiter([&] {
        gate->arrive();
        EXPECT_THROW(mutex.lock(), PoolBroken);
    });
    ASSERT_TRUE(gate->wait_for(2));
    testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
    waiter.join();
    process.join();
    EXPECT_EQ(process.exit_code(), 42);
    EXPECT_THROW(Process(pool, [] {}), PoolBroken);
    mutex.unlock();
}

TEST_F(ProcessTree, OfAPoolThatBreaksWakesAlsoAHostWithoutProcesses) {
    const Pool pool({.crew = Crew::processes, .workers = 1});
    const Mutex mutex(pool);
    mutex.lock();
    std::thread waiter([&] { EXPECT_THROW(mutex.lock(), PoolBroken); });
    testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
    waiter.join();
    mutex.unlock();
}

TEST_F(ProcessTree, OfAPoolThatEndsLivesOn) {
    const testing::Shared<Gate> gate;
    std::optional<Pool> pool(std::in_place, PoolOptions{.crew = Crew::processes, .workers = 1});
    const Mutex mutex(*pool);
    mutex.lock();
    const Process first(*pool, [&] { mutex.lock(); });
    const Process second(*pool, [&] {
        mutex.lock();
        gate->pass();
    });
    pool.reset();
    mutex.unlock();
    second.kill();
    first.join();
    second.join();
    EXPECT_EQ(first.exit_code(), 0);
    EXPECT_TRUE(mutex.lock_or_recover()) << "they are buried all the same";
    mutex.unlock();
}

/// A stream that kills the supervisor when it is flushed, at the end of the worker.
void kill_supervisor_at_the_end() {
    cookie_io_functions_t functions{};
    functions.write = [](void*, const char*, std::size_t bytes) -> ssize_t {
        kill(getppid(), SIGKILL);
        return static_cast<ssize_t>(bytes);
    };
    std::fputs("something", fopencookie(nullptr, "w", functions));
}

TEST_F(ProcessTree, OfAPoolThatEndsAmissWaitsForNothing) {
    std::optional<Pool> pool(std::in_place, PoolOptions{.crew = Crew::processes, .workers = 1});
    const Mutex mutex(*pool);
    for_each_chunk(*pool, Range{0, 1}, [mutex](const Chunk&) {
        mutex.lock();
        kill_supervisor_at_the_end();
    });
    pool.reset();
    EXPECT_THROW(mutex.lock(), PoolBroken) << "nobody has buried the worker";
}

TEST_F(ProcessTree, IsTheProgramsToMake) {
    Pool pool({.crew = Crew::processes, .workers = 1});
    const Shared shared;
    const auto refused_in = [&](const auto& where) {
        const testing::Shared<std::atomic<int>> refused;
        where([&, refused = refused.get()] {
            *refused = 2;
            try {
                const Process other(shared, [] {});
            } catch (const std::logic_error&) {
                *refused = 1;
            }
        });
        return *refused == 1;
    };
    EXPECT_TRUE(refused_in([&](const auto& body) { Process(shared, body).join(); }));
    EXPECT_TRUE(refused_in([&](const auto& body) {
        const pid_t child = fork();
        if (child == 0) {
            body();
            _exit(0);
        }
        waitpid(child, nullptr, 0);
    }));
    EXPECT_NE(testing::refusal<JobFailed>([&] {
                  for_each_chunk(pool, Range{0, 1}, [](const Chunk&) {
                      const Shared own;
                      const Process process(own, [] {});
                  });
              }).find("a Process is made in a worker: only the program itself makes one"),
              std::string::npos);
}

TEST_F(ProcessTree, MayGrowByPoolsAndProcessesOfItsOwn) {
    const Shared shared;
    const Process process(shared, [] {
        Pool pool({.crew = Crew::processes, .workers = 2});
        const auto sum =
            map_reduce(pool, Range{0, 100}, [](const Chunk& chunk) { return chunk.begin; },
                       std::plus<>{}, {.grain = 1});
        const Mutex mutex(pool);
        const Process inner(pool, [&] { mutex.lock(); });
        inner.join();
        std::exit(sum.value == 4950 && mutex.lock_or_recover() ? 42 : 43);
    });
    process.join();
    EXPECT_EQ(process.exit_code(), 42);
    const testing::Shared<std::array<int, 2>> pids;
    const testing::Shared<Gate> gate;
    const Process outer(shared, [&] {
        const Shared own;
        const Process inner(own, [&] { gate->pass(); });
        const Pool pool({.crew = Crew::processes, .workers = 1});
        *pids = {inner.pid(), testing::workers_of(getpid(), 1).front()};
        gate->pass();
    });
    ASSERT_TRUE(gate->wait_for(2));
    outer.kill();
    EXPECT_TRUE(eventually([&] { return testing::none_alive({(*pids)[0], (*pids)[1]}); }));
    outer.join();
}

TEST_F(ProcessTree, KeepsNoDescriptorsThatAreNotItsOwn) {
    const Pool pool({.crew = Crew::processes, .workers = 2});
    const testing::Leftovers before;
    const testing::Shared<Gate> gate;
    const Process first(pool, [&] { gate->pass(); });
    const Shared shared;
    const Process second(shared, [&] { gate->pass(); });
    const Process third(shared, [&] {
        // Its pool's link is closed at its birth as well.
        std::_Exit(testing::names_in("/proc/self/fd").size() < before.descriptors ? 42 : 43);
    });
    third.join();
    EXPECT_EQ(third.exit_code(), 42);
    gate->open();
}

TEST_F(ProcessTree, WritesWhatItPrintedAndNothingTwice) {
    std::array<int, 2> ends{};
    ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
    {
        HostProcess host([&](const HostProcess::Tell&) {
            dup2(ends[1], STDOUT_FILENO);
            std::ios::sync_with_stdio(false);
            std::cout << "host ";
            std::printf("too ");
            const Shared shared;
            for (const int how : {0, 1, 2}) {
                const Process process(shared, [how] {
                    std::cout << "c++ ";
                    std::printf("c ");
                    if (how == 1) {
                        std::exit(0);
                    } else if (how == 2) {
                        throw 1;
                    }
                });
            }
            std::fflush(stdout);
            std::cout.flush();
        });
        host.wait();
    }
    close(ends[1]);
    std::string printed(100, ' ');
    const ssize_t got = read(ends[0], printed.data(), printed.size());
    close(ends[0]);
    printed.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
    EXPECT_EQ(printed, "too c++ c c++ c c++ c host ");
}

TEST_F(ProcessTree, RunsNoExitHandlersOfTheProgram) {
    const testing::Shared<std::array<std::atomic<int>, 2>> run;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        static std::array<std::atomic<int>, 2>& counts = *run;
        std::atexit([] { ++counts[0]; });
        const Shared shared;
        const Process process(shared, [] {
            std::atexit([] { ++counts[1]; });
            std::exit(3);
        });
        process.join();
        tell(std::to_string(*process.exit_code()));
    });
    EXPECT_EQ(told, "3");
    EXPECT_EQ((*run)[0], 0);
    EXPECT_EQ((*run)[1], 1) << "its own";
}

TEST_F(ProcessTree, IsNotHarmedByAProgramThatReapsAll) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        signal(SIGCHLD, SIG_IGN);
        const Shared shared;
        const Mutex mutex(shared);
        const Process ended(shared, [&] { mutex.lock(); });
        const Process thrown(shared, [] { throw std::runtime_error("told"); });
        const Process killed(shared, [] { raise(SIGKILL); });
        for (const Process* const each : {&ended, &thrown, &killed}) {
            each->join();
        }
        tell(std::to_string(*ended.exit_code()) + (mutex.lock_or_recover() ? " buried " : " ") +
             std::to_string(*thrown.exit_code()) + " " + thrown.error() + " " +
             std::to_string(*killed.exit_code()) + " " + killed.error());
    });
    EXPECT_EQ(told,
              "0 buried 1 std::runtime_error: told 70 it is not known how it ended: the program "
              "has reaped it");
}

TEST_F(ProcessTree, IsNotHarmedByAProgramThatClosesAllDescriptors) {
    const testing::Shared<Gate> gate;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        const Shared shared;
        const Mutex mutex(shared);
        const Process before(shared, [&] {
            mutex.lock();
            gate->pass();
        });
        static_cast<void>(gate->wait_for(1));
        for (int number = 3; number < 90; ++number) {
            close(number);
            static_cast<void>(open("/dev/null", O_RDONLY));
        }
        gate->open();
        before.join();
        const bool is_buried = mutex.lock_or_recover();
        const Process behind(shared, [] { std::exit(3); });
        behind.join();
        tell(std::to_string(*before.exit_code()) + (is_buried ? " buried " : " ") +
             std::to_string(*behind.exit_code()));
    });
    EXPECT_EQ(told, "0 buried 3");
}

TEST_F(ProcessTree, DoesNotGrowWithoutADescriptor) {
    if (testing::under_asan) {
        GTEST_SKIP() << "UndefinedBehaviorSanitizer needs a pipe to look at an object's type";
    }
    const testing::Shared<std::atomic<bool>> has_run;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        const Shared shared;
        Process(shared, [] {}).join();
        testing::limit_softly(RLIMIT_NOFILE, 3);
        const std::string refused = testing::refusal<std::system_error>(
            [&] { const Process process(shared, [&] { *has_run = true; }); });
        testing::limit_softly(RLIMIT_NOFILE, 200);
        const std::size_t children = testing::descendants(getpid()).size();
        const Process next(shared, [] { std::exit(3); });
        next.join();
        tell(std::to_string(children) + " " + std::to_string(*next.exit_code()) + " " + refused);
    });
    EXPECT_FALSE(*has_run);
    EXPECT_EQ(told.substr(0, 4), "0 3 ") << told;
    EXPECT_NE(told.find("ulimit -n allows 3 open files"), std::string::npos) << told;
}

TEST_F(ProcessTree, IsNotThatOfAPlainChild) {
    std::optional<Shared> shared(std::in_place);
    const testing::Shared<Gate> gate;
    std::optional<Mutex> mutex(std::in_place, *shared);
    std::optional<Process> process(std::in_place, *shared, [&] {
        mutex->lock();
        gate->pass();
    });
    ASSERT_TRUE(gate->wait_for(1));
    const pid_t child = fork();
    if (child == 0) {
        process.reset();
        mutex.reset();
        shared.reset();
        _exit(0);
    }
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
    EXPECT_TRUE(process->is_alive());
    gate->open();
    process->join();
    EXPECT_TRUE(mutex->lock_or_recover());
    mutex->unlock();
}

TEST_F(ProcessTree, OfAnotherSpaceIsRefused) {
    const Shared shared;
    const Shared other;
    const Mutex mutex(other);
    const Process process(shared, [&] { mutex.lock(); });
    process.join();
    EXPECT_EQ(process.exit_code(), 1);
    EXPECT_NE(process.error().find("takes no part in this object's space"), std::string::npos);
}

TEST_F(ProcessTree, ThatIsStoppedLosesNothing) {
    const Shared shared;
    const testing::Shared<Gate> gate;
    const Mutex mutex(shared);
    const Process process(shared, [&] {
        const std::lock_guard guard(mutex);
        gate->pass();
    });
    ASSERT_TRUE(gate->wait_for(1));
    kill(process.pid(), SIGSTOP);
    EXPECT_FALSE(mutex.try_lock_for(50ms));
    EXPECT_TRUE(process.is_alive());
    gate->open();
    kill(process.pid(), SIGCONT);
    mutex.lock();
    mutex.unlock();
}

// Of a place and two seats there is nothing to lose, or the next one would find none.
TEST_F(ProcessTree, OfProcessesThatAreKilledAtAnyMomentLosesNothing) {
    const Shared shared({.processes = 1, .seats = 2});
    const Mutex mutex(shared);
    const Queue<long> queue(shared, 4);
    std::atomic<bool> is_over = false;
    std::thread killer([&] {
        for (unsigned i = 0; !is_over; ++i) {
            for (const int pid : testing::descendants(getpid())) {
                testing::signal_child(getpid(), pid, SIGKILL);
            }
            usleep(i % 16 * 50);
        }
    });
    int killed = 0;
    for (int i = 0; i < 100; ++i) {
        const Process process(shared, [&] {
            for (;;) {
                static_cast<void>(mutex.lock_or_recover());
                mutex.unlock();
                static_cast<void>(queue.try_put(1));
                static_cast<void>(queue.try_get());
            }
        });
        process.join();
        killed += process.exit_code() == -SIGKILL ? 1 : 0;
        if (mutex.lock_or_recover()) {
            mutex.make_consistent();
        }
        mutex.unlock();
        while (queue.try_get()) {
        }
    }
    is_over = true;
    killer.join();
    EXPECT_EQ(killed, 100);
}

TEST_F(ProcessTree, GrowsFromManyThreadsBesidePools) {
    const Shared shared;
    std::atomic<int> wrong{0};
    {
        std::vector<std::jthread> makers;
        for (int i = 0; i < 4; ++i) {
            makers.emplace_back([&, i] {
                for (int k = 0; k < 25; ++k) {
                    const Process process(shared, [&] { std::_Exit(i); });
                    process.join();
                    wrong += process.exit_code() == i ? 0 : 1;
                }
            });
        }
        makers.emplace_back([] {
            for (int k = 0; k < 20; ++k) {
                const Pool pool({.crew = Crew::processes, .workers = 1});
                const Mutex mutex(pool);
            }
        });
    }
    EXPECT_EQ(wrong, 0);
}

TEST_F(ProcessTree, IsTheMakersToAsk) {
    const Shared shared;
    Process first(shared, [] {});
    const Process second(shared, [&] { first.join(); });
    second.join();
    EXPECT_EQ(second.exit_code(), 1);
    EXPECT_NE(second.error().find("a Process is used by the program that made it"),
              std::string::npos);
    const Process moved = std::move(first);
    EXPECT_THROW(first.join(), std::logic_error);
    moved.join();
    EXPECT_EQ(moved.exit_code(), 0);
}

TEST_F(ProcessTree, WaitsForItsOwnWhenItsHandleIsUsedAnew) {
    const Shared shared;
    const testing::Shared<std::atomic<int>> ended;
    Process process(shared, [&] {
        usleep(2000);
        *ended = 1;
    });
    process = Process(shared, [] {});
    EXPECT_EQ(*ended, 1);
}

TEST(SharedOptions, AreChecked) {
    EXPECT_EQ(testing::refusal([] { Shared({.processes = 2049}); }),
              "processes 2049 is outside 0 to 2048");
    EXPECT_EQ(testing::refusal([] { Shared({.seats = 4095}); }), "seats 4095 is outside 0 to 4094");
    EXPECT_EQ(testing::refusal([] { Pool({.crew = Crew::serial, .processes = -1}); }),
              "processes -1 is outside 0 to 2048");
    const Shared none({.bytes = 4096, .processes = 0});
    EXPECT_THROW(Process(none, [] {}), std::system_error);
}

}  // namespace
}  // namespace pinfold

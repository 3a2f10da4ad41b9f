// Tasks that treat their process badly, and signals that interrupt every wait.
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "process_tree.hpp"
#include "task_traps.hpp"

namespace pinfold::testing {
namespace {

using namespace std::chrono_literals;

class HostileTraps : public TaskTraps {
  protected:
    /// More tasks than workers, so that each worker has some.
    void expect_all_usable() {
        std::vector<Future<int>> futures;
        for (int i = 0; i < 50; ++i) {
            futures.push_back(pool.submit([](int value) { return value + 1; }, i));
        }
        for (int i = 0; i < 50; ++i) {
            EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i + 1);
        }
    }
};
PINFOLD_ON_WORKERS(HostileTraps);

/// What a task does to its whole process: on threads that is the test itself.
class HostileProcesses : public HostileTraps {};
INSTANTIATE_TEST_SUITE_P(, HostileProcesses, ::testing::Values(Crew::processes), name_of_crew);

TEST_P(HostileTraps, ATaskMayBlockSignals) {
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(pool.submit([] {
                          sigset_t all;
                          sigfillset(&all);
                          return pthread_sigmask(SIG_BLOCK, &all, nullptr);
                      })
                      .get(),
                  0);
    }
    expect_all_usable();
}

/// The child of a task gives its worker's place to nobody.
TEST_P(HostileTraps, ATaskMayFork) {
    const auto future = pool.submit([] {
        const int child = fork();
        if (child == 0) {
            _exit(3);
        }
        int status = 0;
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
        }
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    });
    EXPECT_EQ(future.get(), 3);
    expect_all_usable();
}

TEST_P(HostileProcesses, ATasksChildThatReturnsSettlesNothing) {
    std::vector<Future<int>> futures;
    for (int i = 0; i < 20; ++i) {
        futures.push_back(pool.submit(
            [](int value) {
                const int child = fork();
                if (child == 0) {
                    return 1000 + value;
                }
                int status = 0;
                while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
                }
                return value;
            },
            i));
    }
    for (int i = 0; i < 20; ++i) {
        EXPECT_EQ(futures[static_cast<std::size_t>(i)].get(), i);
    }
    expect_all_usable();
}

TEST_P(HostileProcesses, ATasksChildThatThrowsSettlesNothing) {
    const auto future = pool.submit([]() -> int {
        const int child = fork();
        if (child == 0) {
            throw std::runtime_error("in a child");
        }
        waitpid(child, nullptr, 0);
        return 4;
    });
    EXPECT_EQ(future.get(), 4);
    expect_all_usable();
}

TEST_P(HostileProcesses, ATasksChildThatOutlivesItGoesWithThePool) {
    const auto future = pool.submit([] {
        const int child = fork();
        if (child == 0) {
            pause();
        }
        return child;
    });
    const int child = future.get();
    EXPECT_GT(child, 0);
    pool = Pool({.crew = Crew::serial});
    EXPECT_TRUE(eventually([&] { return !is_alive(child); }));
}

TEST_P(HostileProcesses, ATaskThatExecsIsADeath) {
    const auto future = pool.submit([] { execlp("true", "true", nullptr); });
    const FailedTask failed = failure_of(future);
    EXPECT_EQ(failed.attempts, 3);
    EXPECT_EQ(failed.deaths.size(), 3U);
    expect_all_usable();
}

TEST_P(HostileProcesses, ATaskThatMustNotRunTwiceDiesOnce) {
    const auto future =
        pool.submit(TaskOptions{.must_not_run_twice = true, .name = "once"}, [] { _exit(5); });
    const FailedTask failed = failure_of(future);
    EXPECT_EQ(failed.attempts, 1);
    EXPECT_EQ(failed.name, "once");
    ASSERT_EQ(failed.deaths.size(), 1U);
    EXPECT_EQ(failed.deaths[0].how, "exit code 5");
    expect_all_usable();
}

TEST_P(HostileProcesses, ATaskThatCallsExitIsADeath) {
    EXPECT_EQ(failure_of(pool.submit([] { exit(0); })).attempts, 3);
    expect_all_usable();
}

TEST_P(HostileProcesses, ATaskMayCloseAllDescriptors) {
    for (int i = 0; i < 4; ++i) {
        EXPECT_GT(pool.submit([] {
                          close_range(0, ~0U, 0);
                          return getpid();
                      })
                      .get(),
                  0);
    }
    expect_all_usable();
    EXPECT_EQ(pool.submit([] { return std::string(200'000, 'x'); }).get().size(), 200'000U);
}

TEST_P(HostileProcesses, ATaskMayBlockSignalsAndIsKilledWhenItIsLate) {
    for (int i = 0; i < 4; ++i) {
        pool.submit([] {
                sigset_t all;
                sigfillset(&all);
                sigprocmask(SIG_BLOCK, &all, nullptr);
                signal(SIGCHLD, SIG_IGN);
            })
            .get();
    }
    const auto late =
        pool.submit(TaskOptions{.deadline = 20ms, .max_attempts = 1}, [] { sleep(1000); });
    const FailedTask failed = failure_of(late);
    EXPECT_EQ(failed.attempts, 1);
    EXPECT_EQ(failed.deaths.size(), 1U);
    expect_all_usable();
}

/// A submit wakes one worker, which may be one that does not come.
TEST_P(HostileProcesses, IdleWorkersThatAreStoppedHoldNoTaskUp) {
    const auto stop = [](int worker) {
        return signal_child(supervisor_of(getpid()), worker, SIGSTOP);
    };
    for (std::size_t i = 0; i < 2; ++i) {
        std::vector<int> workers;
        ASSERT_TRUE(eventually([&] { return (workers = workers_of(getpid())).size() == 2; }));
        EXPECT_TRUE(stop(workers[i]));
        for (int task = 0; task < 4; ++task) {
            EXPECT_EQ(pool.submit([](int value) { return value; }, task).get(), task);
        }
        signal_child(supervisor_of(getpid()), workers[i], SIGCONT);
    }
    for (const int worker : workers_of(getpid())) {
        EXPECT_TRUE(stop(worker));
    }
    expect_usable();  // by those that take the places of both
}

TEST_P(HostileProcesses, ATaskMayChangeItsDirectory) {
    const auto here = std::filesystem::current_path();
    for (int i = 0; i < 4; ++i) {
        EXPECT_EQ(pool.submit([] { return chdir("/"); }).get(), 0);
    }
    EXPECT_EQ(std::filesystem::current_path(), here);
    expect_all_usable();
}

void nothing(int) {}

/// The thread that makes it gets a signal each half millisecond, for which calls do not go on.
class Interruptions {
  public:
    Interruptions() {
        struct sigaction action {};
        action.sa_handler = nothing;
        sigaction(SIGALRM, &action, &before_);
        const itimerval each{{0, 500}, {0, 500}};
        setitimer(ITIMER_REAL, &each, nullptr);
    }
    ~Interruptions() {
        const itimerval none{};
        setitimer(ITIMER_REAL, &none, nullptr);
        sigaction(SIGALRM, &before_, nullptr);
    }
    Interruptions(const Interruptions&) = delete;
    Interruptions& operator=(const Interruptions&) = delete;

  private:
    struct sigaction before_ {};
};

constexpr auto nap = [](int value) {
    std::this_thread::sleep_for(2ms);
    return value;
};

TEST_P(HostileTraps, InterruptedWaitsOfTheHostGoOn) {
    Pool small({.crew = GetParam(), .workers = 2, .pin = "none", .task_slots = 4});
    const Interruptions interruptions;
    std::vector<Future<int>> futures;
    for (int i = 0; i < 100; ++i) {
        futures.push_back(small.submit(nap, i));  // waits for room
    }
    EXPECT_EQ(futures[10].get(), 10);
    EXPECT_EQ(futures[20].get_for(1h), 20);
    EXPECT_TRUE(futures[30].wait_for(1h));
    EXPECT_FALSE(wait(futures, WaitFor::first_completed).done.empty());
    int sum = 0;
    for (const auto& future : as_completed(futures, 1h)) {
        sum += future.then([](int value) { return value; }).get();
    }
    EXPECT_EQ(sum, 4950);
    wait(futures);
    auto last = small.submit(nap, 7);
    small.shutdown(Shutdown::wait);
    EXPECT_EQ(last.get(), 7);
}

/// The same in a worker, which waits for its own. On threads, the timer is the program's.
TEST_P(HostileProcesses, InterruptedWaitsOfAWorkerGoOn) {
    const auto future = pool.submit([] {
        const Interruptions interruptions;
        int sum = 0;
        for (int round = 0; round < 20; ++round) {
            auto a = pinfold::submit(nap, round);
            auto b = pinfold::submit(nap, 1);
            std::this_thread::sleep_for(1ms);  // somebody else may have begun one
            sum += a.get() + b.get();
        }
        return sum;
    });
    EXPECT_EQ(future.get(), 190 + 20);
}

}  // namespace
}  // namespace pinfold::testing

// What stands on the other side of a tree's edges: stacks, rights, descriptors, pipes and disks of
// the host, and the program's end.
#include <dlfcn.h>
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <optional>
#include <pinfold/engine/errors.hpp>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::AtGate;
using testing::Empty;
using testing::Gate;
using testing::HostProcess;

class Edges : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

std::string sum_on(Pool& pool) {
    const auto sum = map_reduce(pool, Range{0, 1000}, Empty{}, testing::sum_map, std::plus<>{});
    return std::to_string(sum.value);
}

std::string message_of(const std::function<void()>& action) {
    try {
        action();
    } catch (const std::exception& e) {
        return e.what();
    }
    return "nothing thrown";
}

// More than a thread gets that makes a pool here, and less than maps get. AddressSanitizer's frames
// are larger.
constexpr int deep_kibibytes = testing::under_asan ? 1000 : 4000;

/// Runs `body` on a thread with a stack of so many bytes.
void on_small_stack(std::size_t bytes, std::function<void()> body) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, bytes);
    pthread_t thread{};
    pthread_create(
        &thread, &attributes,
        [](void* its) -> void* {
            (*static_cast<std::function<void()>*>(its))();
            return nullptr;
        },
        &body);
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
}

/// Uses so many KiB of the stack, and throws at the bottom when told to.
int dig(int kibibytes, bool throws) {
    std::array<volatile char, 1024> place;
    place[static_cast<std::size_t>(kibibytes) % place.size()] = 1;
    if (kibibytes == 0) {
        return throws ? throw std::runtime_error("at the bottom") : 0;
    }
    return dig(kibibytes - 1, throws) + place[static_cast<std::size_t>(kibibytes) % place.size()];
}

TEST_F(Edges, StacksOfMapsAreAsTheLimitSaysAndNotAsTheCallersIs) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        testing::limit_softly(RLIMIT_STACK, std::size_t{8} << 20);
        on_small_stack(std::size_t{128} << 10, [&] {
            Pool pool = testing::make_pool(Crew::processes, 2);
            const auto sum = map_reduce(
                pool, Range{0, 10}, Empty{},
                [](const Empty&, const Chunk&) { return dig(deep_kibibytes, false); },
                std::plus<>{});
            tell(std::to_string(sum.value) + " after " + std::to_string(sum.report.deaths));
        });
    });
    EXPECT_EQ(told, std::to_string(10 * deep_kibibytes) + " after 0");
}

TEST_F(Edges, StacksOfMapsUnwindFromTheirBottom) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        on_small_stack(std::size_t{128} << 10, [&] {
            Pool pool = testing::make_pool(Crew::processes, 1);
            tell(message_of([&] {
                map_reduce(
                    pool, Range{0, 1}, Empty{},
                    [](const Empty&, const Chunk&) { return dig(deep_kibibytes, true); },
                    std::plus<>{});
            }));
        });
    });
    EXPECT_NE(told.find("at the bottom"), std::string::npos) << told;
}

TEST_F(Edges, StacksOfMapsAreGuarded) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        testing::limit_softly(RLIMIT_STACK, std::size_t{1} << 20);
        Pool pool = testing::make_pool(Crew::processes, 1);
        tell(message_of([&] {
            map_reduce(
                pool, Range{0, 1}, Empty{},
                [](const Empty&, const Chunk&) { return dig(16'000, false); }, std::plus<>{});
        }));
    });
    EXPECT_NE(told.find("signal"), std::string::npos) << told;
}

TEST_F(Edges, RightsThatAMapGivesUpTieItsWorkerToTheTreeAllTheSame) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root has anything to give up";
    }
    const testing::Shared<Gate> gate;
    const testing::Shared<std::atomic<int>> worker;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        static std::atomic<int>* pid = worker.get();
        Pool pool = testing::make_pool(Crew::processes, 1);
        std::thread killer([&] {
            static_cast<void>(gate->wait_for(1));
            testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
        });
        const std::string message = message_of([&] {
            map_reduce(
                pool, Range{0, 1}, AtGate{gate.get()},
                [](const AtGate& at, const Chunk&) {
                    pid->store(getpid());
                    if (setgroups(0, nullptr) != 0 || setgid(1'987'654) != 0 ||
                        setuid(1'987'654) != 0) {
                        throw std::runtime_error("setuid");
                    }
                    at.gate->pass();
                    return 1;
                },
                std::plus<>{});
        });
        killer.join();
        const bool ended = testing::eventually([&] { return !testing::is_alive(*pid); });
        tell(message + (ended ? ", ended" : ", still there"));
    });
    if (told.find("setuid") != std::string::npos) {
        GTEST_SKIP() << "this root may not become other users";
    }
    EXPECT_EQ(told, "the pool is broken: its supervisor was killed, ended");
}

TEST_F(Edges, DescriptorsThatTheProgramClosedAndUsesAgainAreLeftAlone) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        std::optional<Pool> pool(testing::make_pool(Crew::processes, 2));
        const int own = fcntl(STDERR_FILENO, F_DUPFD, 200);
        for (int number = 3; number < 90; ++number) {
            close(number);
        }
        std::vector<int> files;
        for (int opened = 0; opened < 60; ++opened) {
            files.push_back(memfd_create("of the program", 0));
        }
        const std::string message = message_of([&] {
            for (;;) {  // the tree may do another job before it ends
                sum_on(*pool);
            }
        });
        pool.reset();
        bool are_whole = true;
        for (const int file : files) {
            are_whole &= lseek(file, 0, SEEK_END) == 0;
        }
        close(own);
        tell(message + (are_whole ? "" : ", but a file was written or closed"));
    });
    EXPECT_EQ(told, "the pool is broken: the program closed its descriptor");
}

TEST_F(Edges, DescriptorsThatTheProgramClosedEndAWaitingJob) {
    const testing::Shared<Gate> gate;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        Pool pool = testing::make_pool(Crew::processes, 1);
        std::thread closer([&] {
            static_cast<void>(gate->wait_for(1));
            for (int number = 3; number < 90; ++number) {
                close(number);
                static_cast<void>(open("/dev/null", O_RDONLY));
            }
        });
        const std::string message = message_of([&] {
            map_reduce(
                pool, Range{0, 1}, AtGate{gate.get()},
                [](const AtGate& at, const Chunk&) {
                    at.gate->pass();
                    return 1;
                },
                std::plus<>{});
        });
        closer.join();
        tell(message);
    });
    EXPECT_EQ(told, "the pool is broken: the program closed its descriptor");
}

TEST_F(Edges, OutputThatCannotBeWrittenTakesNoWorkerAway) {
    const testing::Shared<Gate> gate;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        dup2(open("/dev/full", O_WRONLY), STDOUT_FILENO);
        std::ios::sync_with_stdio(false);
        std::cout.exceptions(std::ios::badbit | std::ios::failbit);
        Pool pool = testing::make_pool(Crew::processes, 2);
        const auto printed = map_reduce(
            pool, Range{0, 100}, Empty{},
            [](const Empty&, const Chunk&) {
                std::cout << "into nowhere";
                return 1;
            },
            std::plus<>{});
        usleep(100'000);  // for what a worker does when it has nothing to do
        JobOptions<int> options;
        options.grain = 1;
        const auto met = map_reduce(
            pool, Range{0, 2}, AtGate{gate.get()},
            [](const AtGate& at, const Chunk&) {
                at.gate->arrive();
                return at.gate->wait_for(2) ? 1 : 0;
            },
            std::plus<>{}, options);
        tell(std::to_string(printed.value) + ", then " + std::to_string(met.value) + " met");
    });
    EXPECT_EQ(told, "100, then 2 met");
}

TEST_F(Edges, DaemonsOfMapsEndWithThePoolAlsoWithoutProc) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root can take /proc away";
    }
    const testing::Shared<std::atomic<int>> daemon;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        if (unshare(CLONE_NEWNS) != 0 ||
            mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            mount("none", "/proc", "tmpfs", 0, nullptr) != 0) {
            tell("no namespace");
            return;
        }
        static std::atomic<int>* pid = daemon.get();
        {
            Pool pool = testing::make_pool(Crew::processes, 1);
            map_reduce(
                pool, Range{0, 1}, Empty{},
                [](const Empty&, const Chunk&) {
                    if (fork() == 0) {
                        setsid();
                        if (fork() == 0) {
                            pid->store(getpid());
                            pause();
                        }
                        _exit(0);
                    }
                    while (pid->load() == 0) {
                        usleep(100);
                    }
                    return 1;
                },
                std::plus<>{});
        }
        tell(kill(pid->load(), 0) == 0 ? "the daemon is left" : "nothing is left");
    });
    if (told == "no namespace") {
        GTEST_SKIP() << "this root may not make a mount namespace";
    }
    EXPECT_EQ(told, "nothing is left");
}

TEST_F(Edges, WorkersThatAreStoppedWhileIdleAreReplacedWhenAJobWaitsForThem) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        Pool pool = testing::make_pool(Crew::processes, 1);
        sum_on(pool);
        const int worker = testing::workers_of(getpid(), 1).front();
        static_cast<void>(
            testing::eventually([&] { return testing::stat_fields(worker)[0] == "S"; }));
        kill(worker, SIGSTOP);
        const std::string sum = sum_on(pool);
        tell(sum + (testing::is_alive(worker) ? ", and the stopped one is left" : ""));
    });
    EXPECT_EQ(told, "499500");
}

// Whichever of them is woken for the one chunk.
TEST_F(Edges, WorkersThatAreStoppedWhileIdleLeaveAFewChunksToTheOthers) {
    for (const std::size_t stopped : {0U, 1U}) {
        Pool pool = testing::make_pool(Crew::processes, 2);
        const std::vector<int> workers = testing::workers_of(getpid(), 2);
        ASSERT_TRUE(testing::eventually([&] {
            return std::ranges::all_of(workers,
                                       [](int pid) { return testing::stat_fields(pid)[0] == "S"; });
        }));
        kill(workers[stopped], SIGSTOP);
        const auto ran_by = map_reduce(
            pool, Range{0, 1}, Empty{}, [](const Empty&, const Chunk&) { return getpid(); },
            std::plus<>{});
        EXPECT_EQ(ran_by.value, workers[1 - stopped]);
        EXPECT_EQ(ran_by.report.deaths, 0U);
        kill(workers[stopped], SIGCONT);
    }
}

TEST_F(Edges, WorkersThatWaitForAFullPipeAreReplacedWhenAJobWaitsForThem) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        std::array<int, 2> ends{};
        static_cast<void>(pipe(ends.data()));
        dup2(ends[1], STDOUT_FILENO);
        fcntl(ends[1], F_SETPIPE_SZ, 4096);
        static std::array<char, 1 << 20> buffer;
        std::setvbuf(stdout, buffer.data(), _IOFBF, buffer.size());
        Pool pool = testing::make_pool(Crew::processes, 1);
        map_reduce(
            pool, Range{0, 1}, Empty{},
            [](const Empty&, const Chunk&) {
                return std::printf("%s", std::string(100'000, 'x').c_str());
            },
            std::plus<>{});
        const bool is_full = testing::eventually([&] {
            int held = 0;
            return ioctl(ends[0], FIONREAD, &held) == 0 && held == 4096;
        });
        tell(sum_on(pool) + (is_full ? "" : ", but the pipe was not full"));
    });
    EXPECT_EQ(told, "499500");
}

/// Makes the child of that number, of this process and those below it, hang at its birth.
void hang_at_birth_of_child(int number) {
    static std::atomic<int>* const births =
        new (mmap(nullptr, sizeof(std::atomic<int>), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0)) std::atomic<int>(0);
    static int hanging = 0;
    hanging = number;
    pthread_atfork(nullptr, nullptr, [] {
        if (++*births == hanging) {
            pause();
        }
    });
}

TEST_F(Edges, WorkersThatDoNotGetThroughTheirStartUpAreReplaced) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        hang_at_birth_of_child(2);  // the first one is the supervisor
        Pool pool = testing::make_pool(Crew::processes, 1);
        tell(sum_on(pool));
    });
    EXPECT_EQ(told, "499500");
}

TEST_F(Edges, SupervisorsThatDoNotGetThroughTheirStartUpAreRefused) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        hang_at_birth_of_child(1);
        tell(message_of([] { testing::make_pool(Crew::processes, 1); }));
    });
    EXPECT_EQ(told, "the pool is broken: its supervisor does not get through its start-up");
}

/// Each is a crew and a way to end the program.
class StaticPools : public Edges,
                    public ::testing::WithParamInterface<std::tuple<const char*, const char*>> {};

TEST_P(StaticPools, EndWithTheProgram) {
    const auto& [crew, end] = GetParam();
    const std::string command = std::string(PINFOLD_STATIC_POOLS) + " " + crew + " " + end;
    std::FILE* const output = popen(command.c_str(), "r");
    std::array<char, 100> line{};
    ASSERT_NE(std::fgets(line.data(), line.size(), output), nullptr);
    EXPECT_STREQ(line.data(), "499500 499500 499500\n");
    EXPECT_EQ(std::fgetc(output), EOF) << "also of whatever a worker prints";
    EXPECT_EQ(pclose(output), 0);
}

INSTANTIATE_TEST_SUITE_P(Program, StaticPools,
                         ::testing::Combine(::testing::Values("serial", "threads", "processes"),
                                            ::testing::Values("return", "exit", "quick_exit")));

}  // namespace
}  // namespace pinfold

// What the host does about signals, and what comes of it in its workers.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <pinfold/engine/errors.hpp>
#include <string>

#include "crews.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

using testing::Empty;
using testing::HostProcess;

class Signals : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

void break_stdout() {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) == 0) {
        close(ends[0]);
        dup2(ends[1], STDOUT_FILENO);
    }
}

/// What a job comes to whose maps print where nobody reads: the errno of each, or the error.
std::string printed_on(Crew crew) {
    try {
        Pool pool = testing::make_pool(crew, 2);
        JobOptions<int> options;
        options.grain = 1;
        const auto result = map_reduce(
            pool, Range{0, 3}, Empty{},
            [](const Empty&, const Chunk&) {
                std::printf("nobody reads this");
                std::fflush(stdout);
                return write(STDOUT_FILENO, "x", 1) < 0 ? errno : 0;
            },
            [](int, int error) { return error; }, options);
        return std::to_string(result.value == EPIPE) + ", deaths " +
               std::to_string(result.report.deaths) + " ";
    } catch (const JobFailed& failure) {
        return failure.details().deaths.back().how;
    }
}

std::string printed_after(void (*prepare)()) {
    return testing::told_by_host([prepare](const HostProcess::Tell& tell) {
        prepare();
        break_stdout();
        std::string text;
        for (const Crew crew : testing::all_crews) {
            text += printed_on(crew);
        }
        tell(text);
    });
}

TEST_F(Signals, OfABrokenPipeThatTheHostIgnoresKillNoMapOnAnyCrew) {
    const std::string fine = "1, deaths 0 1, deaths 0 1, deaths 0 ";
    EXPECT_EQ(printed_after([] { signal(SIGPIPE, SIG_IGN); }), fine);
    EXPECT_EQ(printed_after([] { signal(SIGPIPE, [](int) {}); }), fine);
    EXPECT_EQ(printed_after([] {
                  struct sigaction action {};
                  action.sa_sigaction = [](int, siginfo_t*, void*) {};
                  action.sa_flags = SA_SIGINFO;
                  sigaction(SIGPIPE, &action, nullptr);
              }),
              fine);
}

TEST_F(Signals, OfABrokenPipeThatTheHostLeavesAloneKillMaps) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        signal(SIGPIPE, SIG_DFL);
        break_stdout();
        tell(printed_on(Crew::processes));
    });
    EXPECT_EQ(told, "signal 13 (Broken pipe)");
}

TEST_F(Signals, OfAFileTooLargeThatTheHostIgnoresKillNoMap) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        signal(SIGXFSZ, SIG_IGN);
        Pool pool({.workers = 1, .pin = "none", .initializer = [] {
                       const rlimit limit{100, 100};
                       setrlimit(RLIMIT_FSIZE, &limit);
                   }});
        const auto result = map_reduce(
            pool, Range{0, 1}, Empty{},
            [](const Empty&, const Chunk&) {
                std::FILE* const file = std::tmpfile();
                errno = 0;
                const bool wrote = pwrite(fileno(file), "x", 1, 100) == 1;
                const int error = errno;
                std::fclose(file);
                return wrote ? 0 : error;
            },
            std::plus<>{});
        tell(result.value == EFBIG ? "EFBIG" : std::to_string(result.value));
    });
    EXPECT_EQ(told, "EFBIG");
}

struct Raised {
    int signal;
    std::uint32_t* starts;
};

/// What a job comes to whose maps raise the signal; the first worker is killed before, so that a
/// successor's maps raise it too.
std::string raised(Pool& pool, int number) {
    const auto starts = pool.array<std::uint32_t>(1);
    try {
        const auto result = map_reduce(
            pool, Range{0, 1}, Raised{number, starts.data()},
            [](const Raised& job, const Chunk&) {
                raise(job.signal);
                if (std::atomic_ref(*job.starts)++ == 0) {
                    raise(SIGKILL);
                }
                raise(job.signal);
                return 1;
            },
            std::plus<>{});
        return std::to_string(result.report.deaths) + " ";
    } catch (const JobFailed& failure) {
        return failure.details().deaths.back().how;
    }
}

TEST_F(Signals, ThatTheHostIgnoresAreIgnoredByEachWorkerAndItsSuccessor) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        const std::array numbers{SIGPIPE, SIGXFSZ, SIGALRM,   SIGUSR1,  SIGUSR2,      SIGVTALRM,
                                 SIGPROF, SIGIO,   SIGSTKFLT, SIGXCPU,  SIGTTOU,      SIGTTIN,
                                 SIGTSTP, SIGTRAP, SIGSYS,    SIGRTMIN, SIGRTMIN + 5, SIGRTMAX};
        for (const int number : numbers) {
            signal(number, SIG_IGN);
        }
        Pool pool = testing::make_pool(Crew::processes, 1);
        std::string text;
        for (const int number : numbers) {
            text += raised(pool, number);
        }
        tell(text);
    });
    EXPECT_EQ(told, "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 ");
}

TEST_F(Signals, ThatTheHostCatchesAreTheDefaultInAWorker) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        signal(SIGUSR1, [](int) {});
        Pool pool = testing::make_pool(Crew::processes, 1);
        tell(raised(pool, SIGUSR1));
    });
    EXPECT_EQ(told, "signal 10 (User defined signal 1)");
}

TEST_F(Signals, OfChildrenThatTheHostIgnoresLetAMapWaitForItsOwn) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        signal(SIGCHLD, SIG_IGN);
        Pool pool = testing::make_pool(Crew::processes, 1);
        const auto result = map_reduce(
            pool, Range{0, 1}, Empty{},
            [](const Empty&, const Chunk&) {
                const pid_t child = fork();
                if (child == 0) {
                    _exit(7);
                }
                int status = 0;
                return waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1;
            },
            std::plus<>{});
        tell(std::to_string(result.value));
    });
    EXPECT_EQ(told, "7");
}

}  // namespace
}  // namespace pinfold

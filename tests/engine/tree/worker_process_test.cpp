// What a worker process is to the system: its name, its place before the OOM killer, its inner
// pools, and that it dies with its supervisor and not by a suspended night.
#include <dlfcn.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <cstring>
#include <fstream>
#include <functional>
#include <pinfold/engine/errors.hpp>
#include <string>
#include <vector>

#include "crews.hpp"
#include "gate.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Empty;
using testing::HostProcess;

class WorkerProcess : public testing::NothingLeft {};

int oom_score_of(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/oom_score_adj");
    int score = 0;
    file >> score;
    return score;
}

TEST_F(WorkerProcess, ShowsItsNumberInPs) {
    const Pool pool = testing::make_pool(Crew::processes, 2);
    std::vector<std::string> names;
    for (const int worker : testing::workers_of(getpid(), 2)) {
        names.push_back(testing::name_of(worker));
    }
    std::sort(names.begin(), names.end());
    EXPECT_EQ(names, (std::vector<std::string>{"pinfold:w0", "pinfold:w1"}));
}

TEST_F(WorkerProcess, ComesBeforeItsHostForTheOomKiller) {
    const Pool pool = testing::make_pool(Crew::processes, 1);
    const int worker = testing::workers_of(getpid(), 1).front();
    if (!std::ofstream("/proc/self/oom_score_adj", std::ios::app)) {
        GTEST_SKIP() << "/proc/self/oom_score_adj cannot be written";
    }
    EXPECT_TRUE(testing::eventually([&] { return oom_score_of(worker) > oom_score_of(getpid()); }));
    EXPECT_EQ(oom_score_of(testing::supervisor_of(getpid())), oom_score_of(getpid()));
}

TEST_F(WorkerProcess, LimitsTheInnerPoolOfAMapToOneThread) {
    if (getenv("OMP_NUM_THREADS") != nullptr) {
        GTEST_SKIP() << "OMP_NUM_THREADS is set, and the user's choice stays";
    }
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        if (dlopen("libgomp.so.1", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
            tell("no OpenMP");
            return;
        }
        const auto set_threads =
            reinterpret_cast<void (*)(int)>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
        set_threads(7);
        Pool pool = testing::make_pool(Crew::processes, 1);
        const auto threads = map_reduce(
            pool, Range{0, 1}, Empty{},
            [](const Empty&, const Chunk&) {
                return reinterpret_cast<int (*)()>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"))();
            },
            std::plus<>{});
        tell(std::to_string(threads.value));
    });
    if (told == "no OpenMP") {
        GTEST_SKIP() << "libgomp.so.1 is not installed";
    }
    EXPECT_EQ(told, "1");
}

constexpr uid_t lone_user = 1'987'654;

TEST_F(WorkerProcess, DiesWithItsSupervisorAlsoAfterItsInitializerGaveUpRoot) {
    if (geteuid() != 0) {
        GTEST_SKIP() << "only root has anything to give up";
    }
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        Pool pool({.workers = 2, .pin = "none", .initializer = [] {
                       if (setgroups(0, nullptr) != 0 || setgid(lone_user) != 0 ||
                           setuid(lone_user) != 0) {
                           throw std::runtime_error("setuid");
                       }
                   }});
        const std::vector<int> workers = testing::workers_of(getpid(), 2);
        testing::signal_child(getpid(), testing::supervisor_of(getpid()), SIGKILL);
        const bool ended = testing::eventually([&] { return testing::none_alive(workers); });
        tell(ended ? "ended" : "still there");
    });
    if (told.find("setuid") != std::string::npos) {
        GTEST_SKIP() << "this root may not become other users";
    }
    EXPECT_EQ(told, "ended");
}

/// How often the process has gone to sleep.
std::uint64_t sleeps_of(int pid) {
    const std::string name = "voluntary_ctxt_switches:";
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(name)) {
            return std::stoull(line.substr(name.size()));
        }
    }
    throw std::runtime_error("no process " + std::to_string(pid));
}

/// Waits until the supervisor has looked at the deadlines of its workers, which it does between two
/// sleeps.
[[nodiscard]] bool looks_again(int supervisor) {
    const std::uint64_t before = sleeps_of(supervisor);
    return testing::eventually([&] { return sleeps_of(supervisor) >= before + 2; });
}

// As Ctrl-Z and fg do with the whole group. The supervisor sees the map before the stop and after.
TEST_F(WorkerProcess, IsNotLateWhenTheWholeTreeWasStopped) {
    const testing::Shared<testing::Gate> gate;
    HostProcess host([&](const HostProcess::Tell& tell) {
        setpgid(0, 0);
        Pool pool = testing::make_pool(Crew::processes, 1);
        JobOptions<int> options;
        options.chunk_deadline = std::chrono::milliseconds(1000);
        const auto result = map_reduce(
            pool, Range{0, 1}, testing::AtGate{gate.get()},
            [](const testing::AtGate& at, const Chunk&) {
                at.gate->pass();
                return 1;
            },
            std::plus<>{}, options);
        tell(std::to_string(result.report.deaths) + " deaths");
    });
    ASSERT_TRUE(gate->wait_for(1));
    const int supervisor = testing::supervisor_of(host.pid());
    EXPECT_TRUE(looks_again(supervisor));
    kill(-host.pid(), SIGSTOP);
    usleep(1'200'000);  // longer than the deadline
    kill(-host.pid(), SIGCONT);
    EXPECT_TRUE(looks_again(supervisor));
    gate->open();
    EXPECT_EQ(host.next_line(), "0 deaths");
}

/// A memory cgroup below this process's own, where the system lets it be made.
class MemoryCgroup {
  public:
    MemoryCgroup() {
        std::ifstream groups("/proc/self/cgroup");
        for (std::string line; std::getline(groups, line);) {
            const std::size_t first = line.find(':');
            const std::size_t second = line.find(':', first + 1);
            const std::string controllers = line.substr(first + 1, second - first - 1);
            if (controllers == "memory") {
                make("/sys/fs/cgroup/memory" + line.substr(second + 1), "memory.limit_in_bytes");
            } else if (controllers.empty()) {
                make("/sys/fs/cgroup" + line.substr(second + 1), "memory.max");
            }
        }
    }
    ~MemoryCgroup() {
        if (!folder_.empty()) {
            rmdir(folder_.c_str());
        }
    }
    MemoryCgroup(const MemoryCgroup&) = delete;
    MemoryCgroup& operator=(const MemoryCgroup&) = delete;

    /// Moves the calling process there under a limit. Returns whether that could be done.
    [[nodiscard]] bool enter(std::size_t bytes) const {
        return !folder_.empty() && write(limit_file_, std::to_string(bytes)) &&
               write("cgroup.procs", std::to_string(getpid()));
    }

  private:
    void make(const std::string& parent, const std::string& limit_file) {
        const std::string folder = parent + "/pinfold_test_" + std::to_string(getpid());
        if (!folder_.empty() || mkdir(folder.c_str(), 0755) != 0) {
            return;
        }
        if (access((folder + "/" + limit_file).c_str(), W_OK) != 0) {
            rmdir(folder.c_str());
            return;
        }
        folder_ = folder;
        limit_file_ = limit_file;
    }

    [[nodiscard]] bool write(const std::string& file, const std::string& text) const {
        std::ofstream out(folder_ + "/" + file);
        out << text << std::flush;
        return out.good();
    }

    std::string folder_;
    std::string limit_file_;
};

TEST_F(WorkerProcess, IsTakenByTheOomKillerAndItsChunkRunsAgain) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer's own memory does not fit";
    }
    const MemoryCgroup cgroup;
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        if (!cgroup.enter(std::size_t{128} << 20)) {
            tell("no cgroup");
            return;
        }
        Pool pool({.workers = 2, .pin = "none", .arena_bytes = std::size_t{1} << 20});
        auto starts = pool.array<std::uint32_t>(1);
        JobOptions<std::uint64_t> options;
        options.grain = 10;
        const auto result = map_reduce(
            pool, Range{0, 1000}, starts.data(),
            [](std::uint32_t* const& count, const Chunk& chunk) {
                if (chunk.index == 50 && std::atomic_ref(*count).fetch_add(1) == 0) {
                    const std::vector<char> too_much(std::size_t{1} << 30, 'x');
                    return std::uint64_t{too_much[chunk.index] == 'x'};
                }
                return testing::sum_map(Empty{}, chunk);
            },
            std::plus<>{}, options);
        tell(std::to_string(result.value) + " after " + std::to_string(result.report.deaths) +
             " death");
    });
    if (told == "no cgroup") {
        GTEST_SKIP() << "no memory cgroup can be made here";
    }
    EXPECT_EQ(told, "499500 after 1 death");
}

}  // namespace
}  // namespace pinfold

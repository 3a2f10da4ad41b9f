// What a tree inherits half-way: pools that are made while other threads of the host are at work in
// libraries, forks and static objects.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "crews.hpp"
#include "process_tree.hpp"

#include <tbb/parallel_for.h>

namespace pinfold {
namespace {

using testing::HostProcess;

class Inheritance : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

/// Threads that each do one thing over and over, until the end of their life.
class OthersAtWork {
  public:
    ~OthersAtWork() { end(); }

    void add(std::function<void()> once) {
        threads_.emplace_back([this, once = std::move(once)] {
            while (!ends_) {
                once();
                usleep(20);  // the pools need a CPU too
            }
        });
    }

    void end() {
        ends_ = true;
        threads_.clear();
    }

  private:
    std::atomic<bool> ends_{false};
    std::vector<std::jthread> threads_;
};

std::string sum_on(Pool& pool) {
    const auto sum =
        map_reduce(pool, Range{0, 1000}, testing::Empty{}, testing::sum_map, std::plus<>{});
    return std::to_string(sum.value);
}

Pool smallest_pool() {
    return Pool({.workers = 1, .pin = "none", .arena_bytes = std::size_t{1} << 20});
}

void fork_once(const std::function<void()>& in_child) {
    const pid_t child = fork();
    if (child == 0) {
        in_child();
        _exit(0);
    }
    while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
}

/// A pipe on which this process's stdin never ends and never says anything.
void open_silent_stdin() {
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe2");
    }
    dup2(ends[0], STDIN_FILENO);
}

/// Sends stdout to `file`.
void print_to(std::FILE* file) {
    std::fflush(stdout);
    dup2(fileno(file), STDOUT_FILENO);
}

/// How often each line stands in the file.
std::map<std::string, int> lines_of(std::FILE* file) {
    std::map<std::string, int> counts;
    std::rewind(file);
    std::array<char, 256> line{};
    while (std::fgets(line.data(), line.size(), file) != nullptr) {
        ++counts[line.data()];
    }
    return counts;
}

// GNU OpenMP's team of the forking thread does not exist in a child.
int sum_by_openmp(int threads) {
    using Start = void (*)(void (*)(void*), void*, unsigned, unsigned);
    static const auto parallel = reinterpret_cast<Start>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
    std::atomic<int> sum{0};
    parallel([](void* to) { ++*static_cast<std::atomic<int>*>(to); }, &sum,
             static_cast<unsigned>(threads), 0);
    return sum;
}

bool load_openmp() {
    return dlopen("libgomp.so.1", RTLD_NOW | RTLD_GLOBAL) != nullptr;
}

void start_ten_others(OthersAtWork& others) {
    std::thread([] {
        std::array<char, 64> line{};
        static_cast<void>(std::fgets(line.data(), line.size(), stdin));
    }).detach();
    others.add([n = 0]() mutable { std::printf("line %d\n", ++n); });
    others.add([] { std::free(std::malloc(100'000)); });
    others.add([] { dlclose(dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL)); });
    if (load_openmp()) {
        others.add([] { sum_by_openmp(3); });
    }
    others.add([] { tbb::parallel_for(0, 100, [](int) {}); });
    others.add([] {
        addrinfo* found = nullptr;
        if (getaddrinfo("localhost", "http", nullptr, &found) == 0) {
            freeaddrinfo(found);
        }
    });
    others.add([] { setlocale(LC_ALL, "C.UTF-8"); });
    others.add([] { fork_once([] {}); });
    others.add([] { std::atexit([] {}); });
}

TEST_F(Inheritance, OfALoadedHostHangsNoneOf1000PoolsAndPrintsNothingTwice) {
    const int pools = testing::under_asan ? 20 : 1000;
    std::FILE* const printed = std::tmpfile();
    const std::string told = testing::told_by_host([&](const HostProcess::Tell& tell) {
        open_silent_stdin();
        print_to(printed);
        OthersAtWork others;
        start_ten_others(others);
        int right = 0;
        for (int repeat = 0; repeat < pools; ++repeat) {
            Pool pool = smallest_pool();
            right += sum_on(pool) == "499500" ? 1 : 0;
        }
        others.end();
        std::fflush(stdout);
        tell(std::to_string(right) + " right");
    });
    EXPECT_EQ(told, std::to_string(pools) + " right");
    const auto lines = lines_of(printed);
    EXPECT_FALSE(lines.empty());
    for (const auto& [line, count] : lines) {
        ASSERT_EQ(count, 1) << line;
    }
    std::fclose(printed);
}

TEST_F(Inheritance, OfAStreamThatAThreadReadsIsNoWait) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        open_silent_stdin();
        std::atomic<bool> reads{false};
        std::thread([&reads] {
            reads = true;
            std::array<char, 64> line{};
            static_cast<void>(std::fgets(line.data(), line.size(), stdin));
        }).detach();
        static_cast<void>(testing::eventually([&] { return reads.load(); }));
        Pool pool = smallest_pool();
        tell(sum_on(pool));
    });
    EXPECT_EQ(told, "499500");
}

// Of streams that are not standard ones too, and when the map writes to them.
TEST_F(Inheritance, OfBufferedStreamsIsDropped) {
    std::FILE* const file = std::tmpfile();
    testing::told_by_host([&](const HostProcess::Tell& tell) {
        std::FILE* const stream = fdopen(dup(fileno(file)), "w");
        std::fputs("of the host\n", stream);
        static std::FILE* shared = stream;
        {
            Pool pool({.workers = 1, .pin = "none"});
            map_reduce(
                pool, Range{0, 1}, testing::Empty{},
                [](const testing::Empty&, const Chunk&) {
                    std::fputs("of the map\n", shared);
                    std::fflush(shared);
                    return 1;
                },
                std::plus<>{});
        }
        std::fclose(stream);
        tell("done");
    });
    EXPECT_EQ(lines_of(file),
              (std::map<std::string, int>{{"of the host\n", 1}, {"of the map\n", 1}}));
    std::fclose(file);
}

TEST_F(Inheritance, OfAnOpenMpTeamHangsNoMap) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        if (!load_openmp()) {
            tell("no OpenMP");
            return;
        }
        setenv("OMP_NUM_THREADS", "3", 1);  // the user's choice stays
        sum_by_openmp(3);
        Pool pool = testing::make_pool(Crew::processes, 2);
        const auto sum = map_reduce(
            pool, Range{0, 100}, testing::Empty{},
            [](const testing::Empty&, const Chunk&) { return sum_by_openmp(3); }, std::plus<>{});
        tell(std::to_string(sum.value));
    });
    if (told == "no OpenMP") {
        GTEST_SKIP() << "libgomp.so.1 is not installed";
    }
    EXPECT_EQ(told, "300");
}

TEST_F(Inheritance, OfAPoolThatIsBeingMadeHangsNoChildsOwnPool) {
    if (testing::under_asan) {
        GTEST_SKIP() << "a child has AddressSanitizer's own lock on its threads as it was";
    }
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        OthersAtWork others;
        others.add([] { const Pool pool = smallest_pool(); });
        others.add([] { const Pool pool({.crew = Crew::threads, .workers = 1, .pin = "none"}); });
        int right = 0;
        for (int repeat = 0; repeat < 100; ++repeat) {
            std::array<int, 2> ends{};
            static_cast<void>(pipe(ends.data()));
            fork_once([&] {
                Pool pool = smallest_pool();
                const bool is_right = sum_on(pool) == "499500";
                static_cast<void>(write(ends[1], is_right ? "r" : "w", 1));
            });
            char answer = 0;
            right += read(ends[0], &answer, 1) == 1 && answer == 'r' ? 1 : 0;
            close(ends[0]);
            close(ends[1]);
        }
        tell(std::to_string(right));
    });
    EXPECT_EQ(told, "100");
}

// As of a daemon's parent, a shell that runs on, or a helper that is never told to end.
TEST_F(Inheritance, OfAPlainChildKeepsNoTreeBeyondItsHost) {
    HostProcess host([](const HostProcess::Tell& tell) {
        Pool pool = testing::make_pool(Crew::processes, 2);
        const std::vector<int> workers = testing::workers_of(getpid(), 2);
        const pid_t child = fork();
        if (child == 0) {
            pause();
            _exit(0);
        }
        tell(std::to_string(child) + " " + std::to_string(workers[0]) + " " +
             std::to_string(workers[1]));
        execl("/bin/sleep", "sleep", "60", nullptr);
    });
    std::istringstream told(host.next_line());
    int child = 0;
    std::vector<int> workers(2);
    told >> child >> workers[0] >> workers[1];
    EXPECT_TRUE(testing::eventually([&] { return testing::none_alive(workers); }))
        << "after its exec";
    kill(child, SIGKILL);
}

std::size_t sockets_of(pid_t pid) {
    const std::string folder = "/proc/" + std::to_string(pid) + "/fd/";
    std::size_t sockets = 0;
    for (const std::string& number : testing::names_in(folder)) {
        std::error_code gone;  // the folder's own descriptor is, meanwhile
        const auto target = std::filesystem::read_symlink(folder + number, gone).string();
        sockets += target.starts_with("socket:") ? 1U : 0U;
    }
    return sockets;
}

// It would keep the pool from hearing that its tree is gone.
TEST_F(Inheritance, OfAHelperThatIsForkedMeanwhileHoldsNothingOfAPool) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        const std::size_t sockets_before = sockets_of(getpid());
        std::vector<pid_t> helpers;
        OthersAtWork others;
        others.add([&] {
            const pid_t child = fork();
            if (child == 0) {
                pause();
                _exit(0);
            }
            helpers.push_back(child);
            usleep(300);  // or there would be thousands
        });
        for (int repeat = 0; repeat < 100; ++repeat) {
            const Pool pool = smallest_pool();
        }
        others.end();
        std::size_t holding = 0;
        for (const pid_t helper : helpers) {
            holding += sockets_of(helper) != sockets_before ? 1U : 0U;
            kill(helper, SIGKILL);
            waitpid(helper, nullptr, 0);
        }
        tell(std::to_string(holding) + (helpers.empty() ? ", but there are no helpers" : ""));
    });
    EXPECT_EQ(told, "0");
}

}  // namespace
}  // namespace pinfold

#include "environment/run_meter.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <stdexcept>
#include <thread>

#include "fake_root.hpp"

namespace pinfold::apps {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20U;

/// Two pipes: a child says that it is where it shall be seen, and goes on when it may.
class Gate {
  public:
    Gate() {
        if (pipe(to_parent_.data()) != 0 || pipe(to_child_.data()) != 0) {
            throw std::runtime_error("pipe");
        }
    }
    void say() { EXPECT_EQ(write(to_parent_[1], "x", 1), 1); }
    void hear() { wait_at(to_parent_[0]); }
    void let_go() { EXPECT_EQ(write(to_child_[1], "x", 1), 1); }
    void wait() { wait_at(to_child_[0]); }

  private:
    static void wait_at(int file) {
        char read_one = 0;
        EXPECT_EQ(read(file, &read_one, 1), 1);
    }
    std::array<int, 2> to_parent_{};
    std::array<int, 2> to_child_{};
};

/// Measures a child that does `work`, then waits until it was looked at.
Sample measured(const std::function<void()>& work) {
    Gate gate;
    RunMeter meter;
    meter.begin();
    const pid_t child = fork();
    if (child == 0) {
        gate.wait();
        work();
        gate.say();
        gate.wait();
        _exit(0);
    }
    meter.started(child);
    gate.let_go();
    gate.hear();
    for (int step = 0; step < 4; ++step) {  // a look at three processes takes one step, or two
        std::this_thread::sleep_until(meter.due());
        meter.tick();
    }
    gate.let_go();
    rusage used{};
    int status = -1;
    EXPECT_EQ(wait4(child, &status, 0, &used), child);
    EXPECT_EQ(status, 0);
    Sample sample;
    meter.ended(used, sample);
    return sample;
}

void touch(void* memory, std::size_t bytes) {
    std::memset(memory, 1, bytes);
}

TEST(RunMeter, SeesPrivateMemoryAndFaults) {
    const Sample sample = measured([] {
        void* const memory = mmap(nullptr, 64 * mebibyte, PROT_READ | PROT_WRITE,
                                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        touch(memory, 64 * mebibyte);
    });
    ASSERT_TRUE(sample.pss_bytes && sample.rss_bytes && sample.page_faults && sample.load);
    EXPECT_GT(*sample.pss_bytes, 64.0 * mebibyte);
    EXPECT_LT(*sample.pss_bytes, 256.0 * mebibyte);
    EXPECT_GT(*sample.rss_bytes, 64.0 * mebibyte);
    EXPECT_LT(*sample.arena_bytes, 1.0 * mebibyte);
    EXPECT_GT(*sample.page_faults, 10);
}

TEST(RunMeter, CountsSharedMemoryOnceForAllProcesses) {
    const Sample sample = measured([] {
        void* const memory =
            mmap(nullptr, 16 * mebibyte, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        touch(memory, 16 * mebibyte);
        Gate gate;
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            touch(memory, 16 * mebibyte);
            gate.say();
            pause();
        }
        gate.hear();
    });
    ASSERT_TRUE(sample.arena_bytes);
    EXPECT_GE(*sample.arena_bytes, 16.0 * mebibyte);
    EXPECT_LT(*sample.arena_bytes, 18.0 * mebibyte);
}

TEST(RunMeter, LeavesAbsentWhatWasNotSeen) {
    const test::FakeRoot root;
    RunMeter meter(root.path());
    EXPECT_GT(meter.due(), RunMeter::Clock::now());
    meter.begin();
    meter.tick();
    Sample sample;
    meter.ended({}, sample);
    EXPECT_FALSE(sample.pss_bytes || sample.arena_bytes || sample.steal_seconds || sample.load ||
                 sample.throttled_seconds || sample.cycles || sample.migrations);
}

TEST(RunMeter, TakesStealAndThrottlingOfTheTimeOfTheRun) {
    const test::FakeRoot root;
    root.write("proc/cpuinfo", "flags : hypervisor\n");
    root.write("proc/stat", "cpu  100 0 50 800 50 0 0 10 0 0\n");
    root.write("proc/loadavg", "0.07 0.46 1.36 4/91 15655\n");
    root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    root.write("proc/self/cgroup", "0::/\n");
    root.write("sys/fs/cgroup/cpu.stat", "throttled_usec 500000\n");
    RunMeter meter(root.path());
    meter.begin();
    root.write("proc/stat", "cpu  100 0 50 800 50 0 0 35 0 0\n");
    root.write("proc/loadavg", "0.07 0.46 1.36 9/91 15655\n");
    root.write("sys/fs/cgroup/cpu.stat", "throttled_usec 750000\n");
    Sample sample;
    meter.ended({}, sample);
    EXPECT_DOUBLE_EQ(sample.steal_seconds.value(),
                     25.0 / static_cast<double>(sysconf(_SC_CLK_TCK)));
    EXPECT_DOUBLE_EQ(sample.throttled_seconds.value(), 0.25);
    EXPECT_EQ(sample.load, 3);
}

class RunMemoryOf : public testing::Test {
  protected:
    void process(int pid, int parent, int pss_kib, int shared_kib) {
        const std::string folder = "proc/" + std::to_string(pid) + "/";
        root.write(folder + "stat",
                   std::to_string(pid) + " (a ) b) S " + std::to_string(parent) + " 1 1\n");
        if (pss_kib >= 0) {
            root.write(folder + "smaps_rollup",
                       "00-ff [rollup]\nRss: 9 kB\nPss: " + std::to_string(pss_kib) +
                           " kB\nPss_Shmem: " + std::to_string(shared_kib) + " kB\n");
        }
    }
    std::optional<MemoryInUse> looked_at(int pid) {
        RunMemory memory(files, pid, RunMemory::Clock::now() - std::chrono::hours(1));
        do {  // one step, but on a machine that is busy
            std::this_thread::sleep_until(memory.due());
            memory.step();
        } while (memory.is_looking());
        return memory.most();
    }

    test::FakeRoot root;
    MachineFiles files{root.path()};
};

TEST_F(RunMemoryOf, ARunIsThatOfItsProcessesAlone) {
    process(1, 0, 1000, 0);
    process(10, 1, 16, 4);
    process(20, 10, 32, 4);
    process(30, 20, 64, 8);
    process(40, 1, 5000, 0);
    EXPECT_EQ(processes_of_run(files, 10), (std::vector{10, 20, 30}));
    const auto found = looked_at(10);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->pss_bytes, 112.0 * 1024);
    EXPECT_EQ(found->shared_bytes, 16.0 * 1024);
}

TEST_F(RunMemoryOf, ListsOfChildrenAreReadWhereTheKernelHasThem) {
    process(10, 1, 16, 4);
    process(20, 10, 32, 4);
    root.write("proc/10/task/10/children", "20 ");
    root.write("proc/10/task/11/children", "");
    root.write("proc/20/task/20/children", "");
    process(30, 10, 64, 8);  // it came since, and is in no list yet
    EXPECT_EQ(processes_of_run(files, 10), (std::vector{10, 20}));
}

TEST_F(RunMemoryOf, ALookThatMissedAProcessDoesNotCount) {
    process(10, 1, 16, 4);
    process(20, 10, -1, 0);
    EXPECT_FALSE(looked_at(10));
    EXPECT_FALSE(looked_at(77));
}

}  // namespace
}  // namespace pinfold::apps

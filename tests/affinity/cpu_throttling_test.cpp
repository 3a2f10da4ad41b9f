#include <gtest/gtest.h>

#include <pinfold/affinity/cpu_throttling.hpp>

#include "fake_root.hpp"

namespace pinfold::affinity {
namespace {

TEST(CpuThrottling, OfVersion2IsThatOfTheGroupAndItsAncestors) {
    const test::FakeRoot root;
    root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    root.write("proc/self/cgroup", "0::/a/b\n");
    root.write("sys/fs/cgroup/a/b/cpu.stat",
               "usage_usec 9000000\nnr_periods 12\nnr_throttled 3\nthrottled_usec 1500000\n");
    root.write("sys/fs/cgroup/a/cpu.stat", "usage_usec 9\nthrottled_usec 250000\n");
    root.write("sys/fs/cgroup/cpu.stat", "usage_usec 5\nuser_usec 3\n");
    EXPECT_DOUBLE_EQ(throttled_seconds(root.path()).value(), 1.75);
}

TEST(CpuThrottling, OfVersion1IsInNanoseconds) {
    const test::FakeRoot root;
    root.write("proc/self/mountinfo",
               "35 24 0:30 /docker/abc /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n");
    root.write("proc/self/cgroup", "4:cpu,cpuacct:/docker/abc/job\n");
    root.write("sys/fs/cgroup/cpu/job/cpu.stat",
               "nr_periods 7\nnr_throttled 1\nthrottled_time 40000000\n");
    EXPECT_DOUBLE_EQ(throttled_seconds(root.path()).value(), 0.04);
}

TEST(CpuThrottling, ThatIsZeroIsToldAndThatNobodyTellsIsAbsent) {
    const test::FakeRoot root;
    root.write("proc/self/mountinfo", "30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    root.write("proc/self/cgroup", "0::/a\n");
    EXPECT_FALSE(throttled_seconds(root.path()));
    root.write("sys/fs/cgroup/a/cpu.stat", "usage_usec 5\nuser_usec 3\n");
    EXPECT_FALSE(throttled_seconds(root.path()));
    root.write("sys/fs/cgroup/a/cpu.stat", "usage_usec 5\nthrottled_usec 0\n");
    EXPECT_EQ(throttled_seconds(root.path()), 0.0);
    root.write("sys/fs/cgroup/a/cpu.stat", "throttled_usec what?\n");
    EXPECT_FALSE(throttled_seconds(root.path()));
    EXPECT_FALSE(throttled_seconds(root.path() / "nothing"));
}

}  // namespace
}  // namespace pinfold::affinity

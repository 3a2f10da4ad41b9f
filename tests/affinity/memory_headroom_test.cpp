#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <pinfold/affinity/memory_headroom.hpp>
#include <string>
#include <system_error>

#include "fake_root.hpp"

namespace pinfold::affinity {
namespace {

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);
const std::string v2_mount =
    "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
const std::string v1_mount =
    "31 23 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"
    "35 23 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n";

class MemoryHeadroomOf : public testing::Test {
  protected:
    /// A group's files, `folder` below /sys/fs/cgroup.
    void group(const std::string& folder, const std::string& max, const std::string& current) {
        root.write("sys/fs/cgroup/" + folder + "/memory.max", max + "\n");
        root.write("sys/fs/cgroup/" + folder + "/memory.current", current + "\n");
    }
    void group_v1(const std::string& folder, const std::string& max, const std::string& current) {
        root.write("sys/fs/cgroup/memory/" + folder + "/memory.limit_in_bytes", max + "\n");
        root.write("sys/fs/cgroup/memory/" + folder + "/memory.usage_in_bytes", current + "\n");
    }
    [[nodiscard]] std::size_t headroom() const { return memory_headroom(root.path()).bytes; }

    test::FakeRoot root;
};

TEST(MemoryHeadroom, OfThisMachineIsAboveZeroAndSaysWhatLimitsIt) {
    const MemoryHeadroom headroom = memory_headroom();
    EXPECT_GT(headroom.bytes, 0U);
    EXPECT_FALSE(headroom.limit.empty());
}

// Runs in a process of its own, whose mounts nobody else sees.
TEST(MemoryHeadroom, IsNotThatOfAGroupThatIsMountedOverTheOwn) {
    const std::filesystem::path mount = "/sys/fs/cgroup/memory";
    const std::filesystem::path foreign = mount / ("pinfold-foreign-" + std::to_string(getpid()));
    std::error_code error;
    if (geteuid() != 0 || !std::filesystem::create_directory(foreign, error)) {
        GTEST_SKIP() << "needs root and a writable cgroup v1 hierarchy of memory";
    }
    std::ofstream(foreign / "memory.limit_in_bytes") << (1 << 20);
    enum : int { right, foreign_limit, no_mount };
    const pid_t child = fork();
    if (child == 0) {
        if (unshare(CLONE_NEWNS) != 0 ||
            ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
            ::mount(foreign.c_str(), mount.c_str(), nullptr, MS_BIND, nullptr) != 0) {
            _exit(no_mount);
        }
        _exit(memory_headroom().bytes > (1 << 20) ? right : foreign_limit);
    }
    int status = 0;
    waitpid(child, &status, 0);
    std::filesystem::remove(foreign, error);
    if (WEXITSTATUS(status) == no_mount) {
        GTEST_SKIP() << "this root may not mount";
    }
    EXPECT_EQ(status, right);
}

TEST_F(MemoryHeadroomOf, AMachineWithoutFilesHasNoLimit) {
    EXPECT_EQ(headroom(), no_limit);
    EXPECT_EQ(memory_headroom(root.path()).limit, "no limit");
}

TEST_F(MemoryHeadroomOf, AMachineWithoutGroupsIsWhatIsAvailable) {
    root.write("proc/meminfo",
               "MemTotal:       16000 kB\nMemFree:         1000 kB\nMemAvailable:    8000 kB\n");
    EXPECT_EQ(headroom(), 8000U * 1024);
    EXPECT_EQ(memory_headroom(root.path()).limit, "MemAvailable of /proc/meminfo");
}

TEST_F(MemoryHeadroomOf, AVersion2GroupIsItsLimitLessItsUse) {
    root.write("proc/meminfo", "MemAvailable:    8000 kB\n");
    root.write("proc/self/cgroup", "0::/job\n");
    root.write("proc/self/mountinfo", v2_mount);
    group("job", "5000000", "1000000");
    EXPECT_EQ(headroom(), 4'000'000U);
    EXPECT_TRUE(memory_headroom(root.path()).limit.ends_with("sys/fs/cgroup/job/memory.max"));
}

TEST_F(MemoryHeadroomOf, AGroupIsLimitedByEachOfItsAncestors) {
    root.write("proc/self/cgroup", "0::/a/b/c\n");
    root.write("proc/self/mountinfo", v2_mount);
    group("a/b/c", "max", "100");
    group("a/b", "900", "200");
    group("a", "500", "300");
    EXPECT_EQ(headroom(), 200U);
    group("a/b", "250", "200");
    EXPECT_EQ(headroom(), 50U);
    group("a/b/c", "110", "100");
    EXPECT_EQ(headroom(), 10U);
}

TEST_F(MemoryHeadroomOf, AGroupCountsItsThrottleAsALimit) {
    root.write("proc/self/cgroup", "0::/job\n");
    root.write("proc/self/mountinfo", v2_mount);
    group("job", "5000", "1000");
    root.write("sys/fs/cgroup/job/memory.high", "3000\n");
    EXPECT_EQ(headroom(), 2000U);
}

TEST_F(MemoryHeadroomOf, AGroupCountsFilePagesThatCanBeDroppedAsFree) {
    root.write("proc/self/cgroup", "0::/job\n");
    root.write("proc/self/mountinfo", v2_mount);
    group("job", "5000", "4000");
    root.write("sys/fs/cgroup/job/memory.stat",
               "anon 800\nactive_file 1000\ninactive_file 2000\ninactive_file_x 9000\n");
    EXPECT_EQ(headroom(), 3500U);
}

TEST_F(MemoryHeadroomOf, AGroupAboveItsLimitIsZero) {
    root.write("proc/self/cgroup", "0::/job\n");
    root.write("proc/self/mountinfo", v2_mount);
    group("job", "1000", "4000");
    EXPECT_EQ(headroom(), 0U);
}

TEST_F(MemoryHeadroomOf, AVersion1GroupIsLimitedByItselfAndItsAncestors) {
    root.write("proc/self/cgroup", "5:cpu,cpuacct:/elsewhere\n4:memory:/a/b\n0::/\n");
    root.write("proc/self/mountinfo", v1_mount);
    group_v1("", "9223372036854771712", "700");
    group_v1("a", "1000", "600");
    group_v1("a/b", "900", "600");
    EXPECT_EQ(headroom(), 300U);
    root.write("sys/fs/cgroup/memory/a/b/memory.stat", "inactive_file 7\ntotal_inactive_file 50\n");
    EXPECT_EQ(headroom(), 350U);
}

TEST_F(MemoryHeadroomOf, ANamedHierarchyWithoutTheMemoryControllerSetsNoLimit) {
    root.write("proc/self/cgroup", "5:cpu,cpuacct:/a\n1:name=systemd:/a\n");
    root.write("proc/self/mountinfo", v1_mount);
    group_v1("a", "1000", "600");
    EXPECT_EQ(headroom(), no_limit);
}

TEST_F(MemoryHeadroomOf, BothVersionsAtOnceIsTheLesser) {
    root.write("proc/self/cgroup", "4:memory:/a\n0::/b\n");
    root.write("proc/self/mountinfo",
               v1_mount + "40 23 0:40 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    group_v1("a", "1000", "600");
    EXPECT_EQ(headroom(), 400U);
    group("unified/b", "1000", "900");
    EXPECT_EQ(headroom(), 100U);
}

TEST_F(MemoryHeadroomOf, AContainerIsLookedUpBelowTheRootOfItsMount) {
    root.write("proc/self/cgroup", "4:memory:/docker/c0ffee/job\n");
    root.write("proc/self/mountinfo",
               "35 23 0:32 /docker/c0ffee /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    group_v1("job", "900", "100");
    group_v1("", "1000", "300");
    EXPECT_EQ(headroom(), 700U);
}

TEST_F(MemoryHeadroomOf, AGroupOutsideTheMountIsThatOfTheMountPoint) {
    root.write("proc/self/cgroup", "0::/../../elsewhere\n");
    root.write("proc/self/mountinfo", v2_mount);
    group("", "1000", "300");
    EXPECT_EQ(headroom(), 700U);
}

// A container's tools bind-mount groups that are not the process's own.
TEST_F(MemoryHeadroomOf, AForeignGroupThatIsMountedSomewhereSetsNoLimit) {
    root.write("proc/self/cgroup", "4:memory:/a\n0::/job\n");
    group("job", "5000", "1000");
    group_v1("a", "6000", "1000");
    const std::string own = v2_mount + v1_mount;
    for (const char* const theirs : {"/other", "/jobs", "/job/child", "/../other", "/.."}) {
        for (const char* const type : {"cgroup2 none rw", "cgroup none rw,memory"}) {
            const std::string foreign =
                std::string("50 23 0:26 ") + theirs + " /mnt/foreign rw - " + type + "\n";
            root.write("mnt/foreign/memory.max", "10\n");
            root.write("mnt/foreign/memory.current", "0\n");
            root.write("mnt/foreign/memory.limit_in_bytes", "10\n");
            root.write("mnt/foreign/memory.usage_in_bytes", "0\n");
            root.write("proc/self/mountinfo", own + foreign);
            EXPECT_EQ(headroom(), 4000U) << foreign;
            root.write("proc/self/mountinfo", foreign + own);
            EXPECT_EQ(headroom(), 4000U) << foreign;
            root.write("proc/self/mountinfo", foreign);
            EXPECT_EQ(headroom(), no_limit) << foreign;
        }
    }
}

TEST_F(MemoryHeadroomOf, AForeignGroupAtTheUsualPlaceSetsNoLimit) {
    root.write("proc/self/cgroup", "0::/job\n");
    root.write("proc/self/mountinfo", "30 23 0:26 /other /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    group("", "10", "0");
    EXPECT_EQ(headroom(), no_limit);
}

TEST_F(MemoryHeadroomOf, AGroupThatIsMountedTwiceCountsThroughWhatIsSeen) {
    root.write("proc/self/cgroup", "0::/job\n");
    group("job", "5000", "1000");  // seen through the second mount: a foreign group's child
    root.write("mnt/again/job/memory.max", "3000\n");
    root.write("mnt/again/job/memory.current", "1000\n");
    const std::string again = "51 23 0:26 / /mnt/again rw - cgroup2 cgroup2 rw\n";
    const std::string over = "52 23 0:26 /other /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
    root.write("proc/self/mountinfo", v2_mount + over);
    EXPECT_EQ(headroom(), no_limit);
    root.write("proc/self/mountinfo", v2_mount + again + over);
    EXPECT_EQ(headroom(), 2000U);
    root.write("proc/self/mountinfo", again + v2_mount + "53 23 0:50 / /sys rw - tmpfs none rw\n");
    EXPECT_EQ(headroom(), 2000U);
    root.write("proc/self/mountinfo", again + v2_mount + "53 23 0:50 / /system rw - tmpfs n rw\n");
    EXPECT_EQ(headroom(), 2000U);
    root.write("proc/self/mountinfo", v2_mount + "53 23 0:50 / /mnt rw - tmpfs none rw\n" + again);
    EXPECT_EQ(headroom(), 2000U);
}

TEST_F(MemoryHeadroomOf, AMountPointMayHaveBlanksInItsName) {
    root.write("proc/self/cgroup", "0::/job\n");
    root.write("proc/self/mountinfo", "30 23 0:26 / /sys/my\\040groups rw - cgroup2 none rw\n");
    root.write("sys/my groups/job/memory.max", "1000\n");
    root.write("sys/my groups/job/memory.current", "1\n");
    EXPECT_EQ(headroom(), 999U);
}

TEST_F(MemoryHeadroomOf, FilesOfNonsenseSetNoLimit) {
    root.write("proc/meminfo", "MemAvailable: much\nMemAvailable:\n\n");
    root.write("proc/self/cgroup", "nonsense\n::\n0::/job\n");
    root.write("proc/self/mountinfo", "nonsense\n - \n1 - cgroup2\n" + v2_mount);
    group("job", "plenty", "-1");
    EXPECT_EQ(headroom(), no_limit);
}

}  // namespace
}  // namespace pinfold::affinity

#include <gtest/gtest.h>

#include <pinfold/affinity/usable_cpus.hpp>
#include <string>

#include "fake_root.hpp"

namespace pinfold::affinity {
namespace {

class UsableCpusTest : public testing::Test {
  protected:
    void write(const std::string& file, const std::string& text) const { root_.write(file, text); }

    void mount_v2(const std::string& cgroup, const std::string& mount_root = "/") const {
        write("proc/self/cgroup", "0::" + cgroup + "\n");
        write("proc/self/mountinfo",
              "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:26 " + mount_root +
                  " /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw\n");
    }

    void mount_v1(const std::string& cgroup, const std::string& mount_root = "/") const {
        write("proc/self/cgroup", "7:memory:/elsewhere\n4:cpu,cpuacct:" + cgroup + "\n0::/\n");
        write("proc/self/mountinfo",
              "35 24 0:30 " + mount_root +
                  " /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
                  "36 24 0:31 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    }

    void write_v1(const std::string& directory, const std::string& quota) const {
        write("sys/fs/cgroup/cpu,cpuacct" + directory + "/cpu.cfs_quota_us", quota + "\n");
        write("sys/fs/cgroup/cpu,cpuacct" + directory + "/cpu.cfs_period_us", "100000\n");
    }

    [[nodiscard]] double quota() const { return usable_cpus(machine_, root_.path()).quota_cpus; }
    [[nodiscard]] int workers() const {
        return default_workers(machine_, usable_cpus(machine_, root_.path()));
    }

    const Topology machine_ = Topology::synthetic("core:8 pu:2");

  private:
    const test::FakeRoot root_;
};

TEST_F(UsableCpusTest, AreAllCpusOfTheTopology) {
    EXPECT_EQ(usable_cpus(machine_, "/nonexistent").cpus, machine_.cpus());
    EXPECT_EQ(quota(), 0);
}

TEST_F(UsableCpusTest, DefaultIsOneWorkerACore) {
    EXPECT_EQ(workers(), 8);
}

TEST_F(UsableCpusTest, DefaultFollowsThePolicy) {
    const auto machine = Topology::synthetic("numa:2 core:3 pu:2");
    const auto workers_for = [&](const std::string& policy, double quota_cpus) {
        return default_workers(machine, {machine.cpus(), quota_cpus}, parse_pin_policy(policy));
    };
    EXPECT_EQ(workers_for("compact", 0), 6);
    EXPECT_EQ(workers_for("none", 0), 6);
    EXPECT_EQ(workers_for("cores@numa:1", 0), 3);
    EXPECT_EQ(workers_for("cores@numa:1", 1.5), 2);
    EXPECT_EQ(workers_for("0-7", 0), 8);
}

TEST_F(UsableCpusTest, V2QuotaOfTheOwnGroup) {
    mount_v2("/user.slice/job.scope");
    write("sys/fs/cgroup/user.slice/job.scope/cpu.max", "250000 100000\n");
    EXPECT_EQ(quota(), 2.5);
    EXPECT_EQ(workers(), 3);
}

TEST_F(UsableCpusTest, TheTightestAncestorCounts) {
    mount_v2("/a/b/c");
    write("sys/fs/cgroup/a/cpu.max", "150000 100000\n");
    write("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    write("sys/fs/cgroup/a/b/c/cpu.max", "400000 100000\n");
    EXPECT_EQ(quota(), 1.5);
    EXPECT_EQ(workers(), 2);
}

TEST_F(UsableCpusTest, QuotaBelowOneCpuStillGivesOneWorker) {
    mount_v2("/");
    write("sys/fs/cgroup/cpu.max", "5000 100000\n");
    EXPECT_EQ(quota(), 0.05);
    EXPECT_EQ(workers(), 1);
}

TEST_F(UsableCpusTest, MaxIsNoLimit) {
    mount_v2("/a");
    write("sys/fs/cgroup/a/cpu.max", "max 100000\n");
    EXPECT_EQ(quota(), 0);
    EXPECT_EQ(workers(), 8);
}

TEST_F(UsableCpusTest, AQuotaAboveTheCoresChangesNothing) {
    mount_v2("/a");
    write("sys/fs/cgroup/a/cpu.max", "6400000 100000\n");
    EXPECT_EQ(quota(), 64);
    EXPECT_EQ(workers(), 8);
}

TEST_F(UsableCpusTest, V1QuotaOfAnAncestor) {
    mount_v1("/batch/job");
    write_v1("/batch/job", "-1");
    write_v1("/batch", "350000");
    write_v1("", "-1");
    EXPECT_EQ(quota(), 3.5);
    EXPECT_EQ(workers(), 4);
}

TEST_F(UsableCpusTest, AContainersMountBeginsAtItsOwnGroup) {
    mount_v1("/docker/abc/inner", "/docker/abc");
    write_v1("", "200000");
    write_v1("/inner", "300000");
    EXPECT_EQ(quota(), 2);
}

TEST_F(UsableCpusTest, AGroupOutsideOfItsNamespaceLeavesTheMountItself) {
    mount_v2("/../other");
    write("sys/fs/cgroup/cpu.max", "200000 100000\n");
    EXPECT_EQ(quota(), 2);
}

TEST_F(UsableCpusTest, AMountOfAGroupBelowTheOwnSetsNoLimit) {
    mount_v2("/", "/docker/abc");
    write("sys/fs/cgroup/cpu.max", "200000 100000\n");
    EXPECT_EQ(quota(), 0);
}

TEST_F(UsableCpusTest, V1AndV2BesideEachOther) {
    write("proc/self/cgroup", "1:cpu:/a\n0::/b\n");
    write("proc/self/mountinfo",
          "33 31 0:30 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
          "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n");
    write("sys/fs/cgroup/cpu/a/cpu.cfs_quota_us", "400000\n");
    write("sys/fs/cgroup/cpu/a/cpu.cfs_period_us", "100000\n");
    EXPECT_EQ(quota(), 4);
    write("sys/fs/cgroup/unified/b/cpu.max", "300000 100000\n");
    EXPECT_EQ(quota(), 3);
}

TEST_F(UsableCpusTest, QuotaOfAForeignGroupThatIsMountedSomewhereIsNone) {
    write("proc/self/cgroup", "4:cpu,cpuacct:/own\n0::/own\n");
    for (const char* const type : {"cgroup2 none rw", "cgroup none rw,cpu,cpuacct"}) {
        write("proc/self/mountinfo",
              std::string("60 22 0:26 /foreign /mnt/foreign rw - ") + type + "\n");
        write("mnt/foreign/cpu.max", "100000 100000\n");
        write("mnt/foreign/cpu.cfs_quota_us", "100000\n");
        write("mnt/foreign/cpu.cfs_period_us", "100000\n");
        EXPECT_EQ(quota(), 0) << type;
        EXPECT_EQ(workers(), 8) << type;
    }
}

TEST_F(UsableCpusTest, UsualPlacesServeWithoutMountinfo) {
    write("proc/self/cgroup", "0::/a\n");
    write("sys/fs/cgroup/a/cpu.max", "300000 100000\n");
    EXPECT_EQ(quota(), 3);
}

TEST_F(UsableCpusTest, AMountPointWithABlankIsUnderstood) {
    write("proc/self/cgroup", "0::/a\n");
    write("proc/self/mountinfo", "30 22 0:26 / /my\\040groups rw - cgroup2 cgroup2 rw\n");
    write("my groups/a/cpu.max", "300000 100000\n");
    EXPECT_EQ(quota(), 3);
}

TEST_F(UsableCpusTest, NonsenseInTheFilesSetsNoLimit) {
    mount_v2("/a");
    for (const std::string text : {"", "\n", "x y\n", "1000\n", "1000 0\n", "-5 100000\n",
                                   "99999999999999999999 100000\n", "1 2 3\n"}) {
        write("sys/fs/cgroup/a/cpu.max", text);
        EXPECT_EQ(quota(), 0) << text;
    }
    write("proc/self/mountinfo", "- - -\n\n- cgroup2\n");
    write("proc/self/cgroup", "\n:\n0:\n");
    EXPECT_EQ(quota(), 0);
}

TEST_F(UsableCpusTest, ThisMachineCanBeAsked) {
    const auto machine = Topology::this_machine();
    const auto usable = usable_cpus(machine);
    EXPECT_FALSE(usable.cpus.empty());
    EXPECT_GE(usable.quota_cpus, 0);
    EXPECT_GE(default_workers(machine, usable), 1);
}

}  // namespace
}  // namespace pinfold::affinity

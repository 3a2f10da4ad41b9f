#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pinfold/affinity/process_limits.hpp>
#include <string>

#include "fake_root.hpp"

namespace pinfold::affinity {
namespace {

class ProcessLimitsOf : public testing::Test {
  protected:
    ProcessLimitsOf() {
        root.write("proc/self/mountinfo",
                   "30 23 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw\n");
        root.write("proc/self/cgroup", "0::/a/b\n");
    }
    void group(const std::string& folder, const std::string& max, const std::string& current) {
        root.write("sys/fs/cgroup/" + folder + "/pids.max", max + "\n");
        root.write("sys/fs/cgroup/" + folder + "/pids.current", current + "\n");
    }
    [[nodiscard]] std::string file(const std::string& name) const {
        return (root.path() / "sys/fs/cgroup" / name).string();
    }

    test::FakeRoot root;
};

TEST_F(ProcessLimitsOf, AGroupThatIsFullAreNamedByItsFile) {
    group("a/b", "5", "5");
    EXPECT_EQ(process_limits(root.path()),
              file("a/b/pids.max") + " allows 5 processes and threads, and there are 5");
}

TEST_F(ProcessLimitsOf, AnAncestorThatIsFullAreNamedByItsFile) {
    group("a/b", "max", "5");
    group("a", "7", "7");
    EXPECT_EQ(process_limits(root.path()),
              file("a/pids.max") + " allows 7 processes and threads, and there are 7");
}

TEST_F(ProcessLimitsOf, AUserAreNamedWhereNoGroupIsFull) {
    group("a/b", "500", "5");
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NPROC, &before), 0);
    rlimit after = before;
    after.rlim_cur = 1234;
    ASSERT_EQ(setrlimit(RLIMIT_NPROC, &after), 0);
    EXPECT_EQ(process_limits(root.path()), "ulimit -u allows this user 1234 processes and threads");
    setrlimit(RLIMIT_NPROC, &before);
}

TEST_F(ProcessLimitsOf, TheSystemAreNamedWhereNothingElseIs) {
    const pid_t child = fork();
    if (child == 0) {
        const rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        const bool lifted = setrlimit(RLIMIT_NPROC, &none) == 0;
        const std::string text = process_limits(root.path() / "nothing");
        _exit(!lifted || text.find("kernel.pid_max") != std::string::npos ? 0 : 1);
    }
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

}  // namespace
}  // namespace pinfold::affinity

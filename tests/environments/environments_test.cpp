// A pool in environments where little works. What is promised everywhere: the right value, or one
// clear error, soon, and nothing left running.

#include <grp.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <system_error>

#include "program.hpp"

namespace pinfold {
namespace {

namespace fs = std::filesystem;

using testing::Ended;
using testing::Program;

[[noreturn]] void cannot(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

/// From here on what this process mounts is its own.
void leave_the_mounts() {
    if (unshare(CLONE_NEWNS) != 0 || mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        cannot("a mount namespace of its own");
    }
}

void hide(const char* folder, const char* options = "size=64k", unsigned long flags = 0) {
    if (mount("hidden", folder, "tmpfs", flags, options) != 0) {
        cannot(folder);
    }
}

void limit(__rlimit_resource what, std::uint64_t value) {
    const rlimit both{value, value};
    if (setrlimit(what, &both) != 0) {
        cannot("setrlimit");
    }
}

void become_a_user() {
    constexpr uid_t lone_user = 1'987'655;
    if (setgroups(0, nullptr) != 0 || setgid(lone_user) != 0 || setuid(lone_user) != 0) {
        cannot("another user");
    }
}

/// Goes on in a child, with the first pid of its namespace; /proc stays that of the parent's.
void enter_a_pid_namespace() {
    if (unshare(CLONE_NEWPID) != 0) {
        cannot("a pid namespace");
    }
    const pid_t first = fork();
    if (first != 0) {
        int status = 0;
        close_range(3, ~0U, 0);
        waitpid(first, &status, 0);
        _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    }
}

/// A cgroup of v1, which the test takes away again.
const fs::path pids_group = "/sys/fs/cgroup/pids/pinfold-environment";

/// Goes on with at most `count` processes and threads.
void allow_pids(int count) {
    std::error_code error;
    fs::create_directory(pids_group, error);
    std::ofstream(pids_group / "pids.max") << count << std::endl;
    std::ofstream procs(pids_group / "cgroup.procs");
    procs << getpid() << std::endl;
    if (!procs) {
        errno = ENOENT;
        cannot("a cgroup of pids");
    }
}

void fill_the_disk() {
    leave_the_mounts();
    hide("/tmp", "size=8k");
    std::ofstream("/tmp/full") << std::string(8192, 'x');
}

struct Environment {
    const char* name;
    void (*prepare)();
    bool works = true;  ///< else an error is as good
};

const Environment environments[] = {
    {"NothingSpecial", [] {}},
    {"NoProc",
     [] {
         leave_the_mounts();
         hide("/proc");
     }},
    {"ProcOfAnotherNamespace", enter_a_pid_namespace},
    {"NoDevShm",
     [] {
         leave_the_mounts();
         hide("/dev");
     }},
    {"NoSys",
     [] {
         leave_the_mounts();
         hide("/sys");
     }},
    {"NeitherProcNorSysNorDev",
     [] {
         leave_the_mounts();
         hide("/proc");
         hide("/sys");
         hide("/dev");
     }},
    {"ReadOnlyTmp",
     [] {
         leave_the_mounts();
         hide("/tmp", "size=64k", MS_RDONLY);
     }},
    {"ReadOnlyEverything",
     [] {
         leave_the_mounts();
         if (mount("", "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0) {
             cannot("a read-only root");
         }
     }},
    {"AFullDisk", fill_the_disk},
    {"ARemovedWorkingDirectory",
     [] {
         const fs::path gone = fs::temp_directory_path() / ("gone-" + std::to_string(getpid()));
         fs::create_directory(gone);
         fs::current_path(gone);
         fs::remove(gone);
     }},
    {"Of16Descriptors", [] { limit(RLIMIT_NOFILE, 16); }, false},
    {"Of10Descriptors", [] { limit(RLIMIT_NOFILE, 10); }, false},
    {"OfAUser", become_a_user},
    {"OfAUserWithOneProcess",
     [] {
         become_a_user();
         limit(RLIMIT_NPROC, 1);
     },
     false},
    {"OfAUserWithThreeProcesses",
     [] {
         become_a_user();
         limit(RLIMIT_NPROC, 3);
     },
     false},
    {"OfOnePid", [] { allow_pids(1); }, false},
    {"OfThreePids", [] { allow_pids(3); }, false},
    {"Of512MiBOfAddresses", [] { limit(RLIMIT_AS, std::uint64_t{512} << 20); }, false},
    {"Of64MiBOfAddresses", [] { limit(RLIMIT_AS, std::uint64_t{64} << 20); }, false},
    {"OfNoFileSize", [] { limit(RLIMIT_FSIZE, 0); }, false},
    {"Of1MiBOfFileSize", [] { limit(RLIMIT_FSIZE, std::uint64_t{1} << 20); }, false},
    {"OfASmallStack", [] { limit(RLIMIT_STACK, std::uint64_t{256} << 10); }, false},
    {"OfNoLockedMemory", [] { limit(RLIMIT_MEMLOCK, 0); }},
    {"WithStdinClosed", [] { close(0); }},
    {"WithStdoutClosed", [] { close(1); }},
    {"WithStderrClosed", [] { close(2); }},
    {"WithAllStandardDescriptorsClosed", [] { close_range(0, 2, 0); }},
    {"WithChildrenIgnored", [] { signal(SIGCHLD, SIG_IGN); }},
    {"WithAllSignalsBlocked",
     [] {
         sigset_t all;
         sigfillset(&all);
         sigprocmask(SIG_BLOCK, &all, nullptr);
     }},
};

class InEnvironment
    : public testing::NothingLeft,
      public ::testing::WithParamInterface<std::tuple<const Environment*, const char*>> {};

TEST_P(InEnvironment, APoolWorksOrSaysWhyNot) {
    const auto& [environment, crew] = GetParam();
    const Ended ended = Program::run(environment->prepare, {crew, "none"});
    std::error_code ignored;
    fs::remove(pids_group, ignored);
    if (!ended.was_started) {
        GTEST_SKIP() << "this machine does not give the environment: " << ended.how;
    }
    std::cout << ended.seconds << " s: " << ended.report;
    EXPECT_EQ(fault_of(ended, environment->works), "");
}

std::vector<const Environment*> all_environments() {
    std::vector<const Environment*> all;
    for (const Environment& environment : environments) {
        all.push_back(&environment);
    }
    return all;
}

INSTANTIATE_TEST_SUITE_P(All, InEnvironment,
                         ::testing::Combine(::testing::ValuesIn(all_environments()),
                                            ::testing::Values("processes", "threads", "serial")),
                         [](const auto& pair) {
                             return std::string(std::get<0>(pair.param)->name) + "_" +
                                    std::get<1>(pair.param);
                         });

class InUntidyHosts : public testing::NothingLeft {};

TEST_F(InUntidyHosts, APoolWorksBesideAHandlerThatReapsAnyChild) {
    const Ended ended = Program::run([] {}, {"processes", "none", "reap"});
    EXPECT_EQ(fault_of(ended, true), "");
}

}  // namespace
}  // namespace pinfold

// A filter, such as containers have, that refuses one of the system calls of a pool's start-up: the
// right value or one clear error, soon, and nothing left running. Calls whose refusal no program
// with threads survives, pool or not, are left out: execve, exit, exit_group, write (the report's
// own), and futex and rseq, without which the C library ends the process.

#include <gtest/gtest.h>

#include <iostream>

#include "program.hpp"

namespace pinfold {
namespace {

using testing::Ended;
using testing::Program;

struct Call {
    const char* name;
    int number;
};

#define PINFOLD_CALL(name) \
    { #name, SYS_##name }

// What `strace -f pool_once` shows for either crew, but brk: glibc takes the error, -1, for the new
// end of the heap, and any program ends by SIGSEGV when its heap grows.
constexpr Call calls[] = {
    PINFOLD_CALL(access),
    PINFOLD_CALL(arch_prctl),
    PINFOLD_CALL(clone),
    PINFOLD_CALL(clone3),
    PINFOLD_CALL(close),
    PINFOLD_CALL(close_range),
    PINFOLD_CALL(faccessat2),
    PINFOLD_CALL(fcntl),
    PINFOLD_CALL(fstatfs),
    PINFOLD_CALL(ftruncate),
    PINFOLD_CALL(getdents64),
    PINFOLD_CALL(getpid),
    PINFOLD_CALL(getppid),
    PINFOLD_CALL(getrandom),
    PINFOLD_CALL(gettid),
    PINFOLD_CALL(lseek),
    PINFOLD_CALL(madvise),
    PINFOLD_CALL(membarrier),
    PINFOLD_CALL(memfd_create),
    PINFOLD_CALL(mincore),
    PINFOLD_CALL(mmap),
    PINFOLD_CALL(mprotect),
    PINFOLD_CALL(munlock),
    PINFOLD_CALL(munmap),
    PINFOLD_CALL(newfstatat),
    PINFOLD_CALL(openat),
    PINFOLD_CALL(pidfd_open),
    PINFOLD_CALL(pidfd_send_signal),
    PINFOLD_CALL(poll),
    PINFOLD_CALL(prctl),
    PINFOLD_CALL(pread64),
    PINFOLD_CALL(prlimit64),
    PINFOLD_CALL(read),
    PINFOLD_CALL(recvfrom),
    PINFOLD_CALL(rt_sigaction),
    PINFOLD_CALL(rt_sigprocmask),
    PINFOLD_CALL(sched_getaffinity),
    PINFOLD_CALL(sched_setaffinity),
    PINFOLD_CALL(sched_yield),
    PINFOLD_CALL(sendto),
    PINFOLD_CALL(set_robust_list),
    PINFOLD_CALL(set_tid_address),
    PINFOLD_CALL(setrlimit),
    PINFOLD_CALL(signalfd4),
    PINFOLD_CALL(socketpair),
    PINFOLD_CALL(sysinfo),
    PINFOLD_CALL(uname),
    PINFOLD_CALL(wait4),
    PINFOLD_CALL(waitid),
};

#undef PINFOLD_CALL

class RefusedCall : public testing::NothingLeft, public ::testing::WithParamInterface<Call> {};

TEST_P(RefusedCall, LeavesAPoolWorkingOrSayingWhyNot) {
    const std::string number = std::to_string(GetParam().number);
    for (const char* const crew : {"processes", "threads"}) {
        for (const int error : {EPERM, ENOSYS}) {
            const Ended ended =
                Program::run([] {}, {crew, "cores", "refuse", number, std::to_string(error)});
            EXPECT_EQ(fault_of(ended, false), "")
                << crew << ", errno " << error << ", after " << ended.seconds << " s";
            std::cout << crew << ", errno " << error << ", " << ended.seconds
                      << " s: " << ended.report;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, RefusedCall, ::testing::ValuesIn(calls),
                         [](const auto& call) { return std::string(call.param.name); });

}  // namespace
}  // namespace pinfold

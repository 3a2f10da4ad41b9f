// Arenas of a program that has locked its memory (mlockall).

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstddef>
#include <fstream>
#include <pinfold/shm/arena.hpp>
#include <string>

#include "child_process.hpp"

namespace pinfold::shm {
namespace {

constexpr std::size_t kibibyte = 1024;
constexpr std::size_t mebibyte = 1024 * kibibyte;
constexpr std::size_t gibibyte = 1024 * mebibyte;

constexpr int right = 0;
constexpr int cannot_lock = 77;

/// A figure of /proc/self/status, such as "VmLck:", in bytes.
std::size_t status_bytes(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        if (word == name) {
            std::size_t kibibytes = 0;
            status >> kibibytes;
            return kibibytes * kibibyte;
        }
    }
    return 0;
}

class LockedArena : public testing::TestWithParam<int> {
  protected:
    /// Runs `body` in a process that has locked its memory; checks that it returns true.
    template <typename Body>
    static void in_locked_process(Body body) {
        ChildProcess child([&] {
            if (mlockall(GetParam()) != 0) {
                return cannot_lock;
            }
            return body() ? right : 1;
        });
        const int code = child.exit_code();
        if (code == cannot_lock) {
            GTEST_SKIP() << "this user may not lock memory (ulimit -l)";
        }
        EXPECT_EQ(code, right);
    }
};

TEST_P(LockedArena, TakesNoMemoryBeforeItIsUsed) {
    in_locked_process([] {
        const std::size_t locked = status_bytes("VmLck:");
        const std::size_t shared = status_bytes("RssShmem:");
        const Arena fixed({.bytes = gibibyte});
        const Arena of_the_machine;
        return status_bytes("VmLck:") - locked < 4 * mebibyte &&
               status_bytes("RssShmem:") - shared < 4 * mebibyte;
    });
}

TEST_P(LockedArena, GivesBlocksAndTakesThemBack) {
    in_locked_process([] {
        Arena arena({.bytes = gibibyte});
        bool zero = true;
        for (const std::size_t bytes : {kibibyte, 3 * mebibyte, kibibyte, 3 * mebibyte}) {
            auto* const block = static_cast<char*>(arena.allocate(bytes));
            for (std::size_t i = 0; i < bytes; ++i) {
                zero = zero && block[i] == 0;
                block[i] = 1;
            }
            arena.deallocate(block);
        }
        return zero && status_bytes("RssShmem:") < 2 * mebibyte;
    });
}

TEST_P(LockedArena, IsSharedWithAChild) {
    in_locked_process([] {
        Arena arena({.bytes = gibibyte});
        auto* const number = static_cast<int*>(arena.allocate(sizeof(int)));
        ChildProcess child([number] {
            *number = 7;
            return 0;
        });
        return child.exit_code() == 0 && *number == 7;
    });
}

INSTANTIATE_TEST_SUITE_P(Of, LockedArena,
                         testing::Values(MCL_FUTURE, MCL_FUTURE | MCL_CURRENT,
                                         MCL_FUTURE | MCL_ONFAULT));

}  // namespace
}  // namespace pinfold::shm

// Limits of the system that are too small for a pool: it works, or the constructor says what it
// lacks and leaves nothing behind.
#include <grp.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <fstream>
#include <functional>
#include <new>
#include <regex>
#include <set>
#include <string>
#include <system_error>

#include "crews.hpp"
#include "process_tree.hpp"

namespace pinfold {
namespace {

using testing::HostProcess;

class Limits : public testing::NothingLeft {};

void limit(__rlimit_resource what, std::uint64_t value) {
    const rlimit both{value, value};
    if (setrlimit(what, &both) != 0) {
        throw std::runtime_error("setrlimit");
    }
}

/// Makes a pool and uses it. Returns "works" or the code of the refusal; anything else that comes
/// out, a process or a descriptor that stays included, is named.
std::string try_pool(const PoolOptions& options) {
    const std::size_t descriptors = testing::names_in("/proc/self/fd").size();
    std::string outcome;
    try {
        Pool pool(options);
        const auto sum =
            map_reduce(pool, Range{0, 1000}, testing::Empty{}, testing::sum_map, std::plus<>{});
        outcome = sum.value == testing::sum_below(1000) ? "works" : "wrong value";
    } catch (const std::system_error& e) {
        outcome = "refused: " + e.code().message();
    } catch (const std::bad_alloc&) {
        outcome = "refused: no memory";
    }
    if (!testing::descendants(getpid()).empty()) {
        outcome += ", but a process is left";
    }
    if (testing::names_in("/proc/self/fd").size() != descriptors) {
        outcome += ", but a descriptor is left";
    }
    return outcome;
}

/// Tries a pool in a host process of its own after `prepare`.
std::string try_after(const std::function<void()>& prepare, const PoolOptions& options) {
    return testing::told_by_host([&](const HostProcess::Tell& tell) {
        prepare();
        tell(try_pool(options));
    });
}

PoolOptions small_pool(int workers, Crew crew = Crew::processes) {
    return {.crew = crew, .workers = workers, .pin = "none", .arena_bytes = std::size_t{1} << 20};
}

/// Raises a limit step by step until a pool works; each try before must be refused by `error`, or
/// for want of memory.
void climb(const std::function<void(std::uint64_t)>& set_limit, const PoolOptions& options,
           int error) {
    const std::set<std::string> expected{"works", "refused: no memory",
                                         "refused: " + std::generic_category().message(ENOMEM),
                                         "refused: " + std::generic_category().message(error)};
    std::uint64_t steps = 0;
    for (std::string outcome; outcome != "works"; ++steps) {
        outcome = try_after([&] { set_limit(steps); }, options);
        ASSERT_TRUE(expected.contains(outcome)) << outcome << " at step " << steps;
        ASSERT_LT(steps, 100U);
    }
    EXPECT_GT(steps, 1U) << "the limit never bit";
}

TEST_F(Limits, OfDescriptorsAreRefusedWhicheverOneIsMissing) {
    const std::size_t open = testing::names_in("/proc/self/fd").size();
    static_cast<void>(try_pool(small_pool(2)));  // what is read once is not read below the limit
    // Of those that are open, a few lie above the numbers that the limit counts. AddressSanitizer
    // ends a program whose threads have no number left for their start.
    const std::uint64_t first = open - (testing::under_asan ? 1 : 4);
    climb([&](std::uint64_t step) { limit(RLIMIT_NOFILE, first + step); }, small_pool(2), EMFILE);
}

/// Where a user without other processes can be had, whose limit counts the test's alone.
class LimitsOfProcesses : public Limits {
  protected:
    void SetUp() override {
        if (geteuid() != 0) {
            GTEST_SKIP() << "only root can become a user without other processes";
        }
        const std::string outcome = try_after([] { become_lone_user(1); }, small_pool(2));
        if (outcome == "threw: setuid") {
            GTEST_SKIP() << "this root may not become other users";
        }
        if (outcome == "works") {
            GTEST_SKIP() << "this system does not enforce ulimit -u";
        }
    }

    static void become_lone_user(std::uint64_t processes) {
        constexpr uid_t lone_user = 1'987'654;
        limit(RLIMIT_NPROC, processes);
        if (setgroups(0, nullptr) != 0 || setgid(lone_user) != 0 || setuid(lone_user) != 0) {
            throw std::runtime_error("setuid");
        }
    }
};

TEST_F(LimitsOfProcesses, AreRefusedWhicheverOneIsMissing) {
    climb([](std::uint64_t step) { become_lone_user(1 + step); }, small_pool(4), EAGAIN);
}

TEST_F(LimitsOfProcesses, AreRefusedWhicheverThreadIsMissing) {
    climb([](std::uint64_t step) { become_lone_user(1 + step); }, small_pool(4, Crew::threads),
          EAGAIN);
}

TEST_F(LimitsOfProcesses, AreRefusedByTheNumberOfTheMissingWorker) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell&) {
        become_lone_user(5);  // this one, the supervisor, and of workers or their threads three
        Pool pool(small_pool(9));
    });
    const std::regex names_it("cannot (start worker [1-3] of 9|give worker [0-2] a thread)");
    EXPECT_TRUE(std::regex_search(told, names_it)) << told;
}

std::uint64_t address_space_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::uint64_t pages = 0;
    statm >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

TEST_F(Limits, OfAddressSpaceAreRefusedForAnArenaOfAFixedSize) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer needs all the address space there is";
    }
    PoolOptions options = small_pool(2);
    options.arena_bytes = std::size_t{100} << 20;
    climb(
        [](std::uint64_t step) {
            limit(RLIMIT_AS, address_space_bytes() + ((20 + 20 * step) << 20));
        },
        options, ENOMEM);
}

TEST_F(Limits, OfAddressSpaceAreRefusedForThreadsWithoutAStack) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer needs all the address space there is";
    }
    climb([](std::uint64_t step) { limit(RLIMIT_AS, address_space_bytes() + ((4 + step) << 20)); },
          small_pool(2, Crew::threads), EAGAIN);
}

TEST_F(Limits, OfAddressSpaceShrinkAnArenaOfNoFixedSize) {
    if (testing::under_asan) {
        GTEST_SKIP() << "AddressSanitizer needs all the address space there is";
    }
    for (const std::uint64_t mebibytes : {64U, 100U, 200U, 1000U, 4000U}) {
        EXPECT_EQ(try_after([&] { limit(RLIMIT_AS, address_space_bytes() + (mebibytes << 20)); },
                            {.workers = 2, .pin = "none"}),
                  "works")
            << mebibytes << " MiB";
    }
}

TEST_F(Limits, OfFileSizesAreRefusedAndNoDeadlySignal) {
    PoolOptions options = small_pool(2);
    EXPECT_EQ(try_after([] { limit(RLIMIT_FSIZE, 4096); }, options),
              "refused: " + std::generic_category().message(EFBIG));
    options.arena_bytes = 0;
    EXPECT_EQ(try_after([] { limit(RLIMIT_FSIZE, 4096); }, options),
              "refused: " + std::generic_category().message(EFBIG));
    EXPECT_EQ(try_after([] { limit(RLIMIT_FSIZE, std::uint64_t{64} << 20); }, options), "works");
}

}  // namespace
}  // namespace pinfold

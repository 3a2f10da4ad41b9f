// Maps that fork, and whose child comes back from the map too, in every way that a map may be left:
// the child settles nothing. Only the process that began the map does.
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <functional>
#include <pinfold/engine/errors.hpp>
#include <stdexcept>
#include <string>
#include <tuple>

#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using testing::Empty;

constexpr std::uint64_t chunks = 64;

/// What the child of a map does, and whether its parent waits for its end.
enum class Way { returns, throws, throws_no_memory, exits, exits_quickly, runs_a_job, outlives };
enum class Fork { by_fork, by_raw_clone };

int fork_by(Fork call) {
    return call == Fork::by_fork
               ? fork()
               : static_cast<int>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));
}

struct Job {
    Way way;
    Fork call;
    Pool* pool;  // in the host's memory, of which workers have copies
};

std::uint64_t in_the_child(const Job& job, const Chunk& chunk) {
    switch (job.way) {
        case Way::throws:
            throw std::domain_error("thrown in a child");
        case Way::throws_no_memory:
            throw std::bad_alloc();
        case Way::exits:
            exit(0);
        case Way::exits_quickly:
            quick_exit(0);
        case Way::runs_a_job:
            return 1000 +
                   map_reduce(*job.pool, Range{0, 10}, Empty{}, testing::sum_map, std::plus<>{})
                       .value;
        case Way::outlives:
            usleep(3000);
            return 1000;
        case Way::returns:
            return 1000 + chunk.index;
    }
    return 0;
}

/// The value of one chunk of eight is looked for by a child as well.
std::uint64_t value_of(const Job& job, const Chunk& chunk) {
    if (chunk.index % 8 == 3) {
        const int pid = fork_by(job.call);
        if (pid == 0) {
            return in_the_child(job, chunk);
        }
        if (pid > 0 && job.way != Way::outlives) {
            waitpid(pid, nullptr, 0);
        }
    }
    return chunk.index;
}

/// More than fits into a frame of the engine.
struct Large {
    std::uint64_t value = 0;
    std::array<std::uint64_t, 1000> copies{};

    friend Large operator+(const Large& a, const Large& b) {
        for (const std::uint64_t copy : b.copies) {
            if (copy != b.copies[0]) {
                throw std::logic_error("two processes wrote a result");
            }
        }
        return {a.value + b.value, {}};
    }
};

constexpr auto small_map = [](const Job& job, const Chunk& chunk) { return value_of(job, chunk); };
constexpr auto large_map = [](const Job& job, const Chunk& chunk) {
    Large large;
    large.value = value_of(job, chunk);
    large.copies.fill(large.value);
    return large;
};

using Case = std::tuple<Crew, Way, Fork>;
class ForkingMaps : public testing::NothingLeft, public ::testing::WithParamInterface<Case> {};

void expect_all_once(const JobReport& report, std::uint64_t expected) {
    EXPECT_EQ(report.attempts, expected);
    EXPECT_EQ(testing::chunks_of_workers(report), expected);
    EXPECT_EQ(report.deaths, 0U);
}

TEST_P(ForkingMaps, SettleEachChunkOnce) {
    const auto [crew, way, call] = GetParam();
    Pool pool = testing::make_pool(crew, 2);
    const Job job{way, call, &pool};
    for (int round = 0; round < 3; ++round) {
        JobOptions<std::uint64_t> options;
        options.grain = 1;
        const auto result =
            map_reduce(pool, Range{0, chunks}, trust(job), small_map, std::plus<>{}, options);
        EXPECT_EQ(result.value, testing::sum_below(chunks));
        expect_all_once(result.report, chunks);
    }
    JobOptions<Large> large;
    large.grain = 1;
    const auto result =
        map_reduce(pool, Range{0, chunks}, trust(job), large_map, std::plus<>{}, large);
    EXPECT_EQ(result.value.value, testing::sum_below(chunks));
    expect_all_once(result.report, chunks);
}

TEST_P(ForkingMaps, SettleEachChunkOfAPhaseOnce) {
    const auto [crew, way, call] = GetParam();
    Pool pool = testing::make_pool(crew, 2);
    const Job job{way, call, &pool};
    Phases<Job> phases;
    phases.add({.range = {0, chunks}, .grain = 1, .bytes = chunks * sizeof(std::uint64_t)},
               [](const Job& of, const Chunk& chunk, const PhaseMemory& memory) {
                   const int before = getpid();
                   const std::uint64_t value = value_of(of, chunk);
                   if (before == getpid()) {
                       memory.of<std::uint64_t>(0)[chunk.index] = value;
                   }
               });
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    const auto result = map_reduce(
        pool, Range{0, chunks}, trust(job), phases,
        [](const Job&, const Chunk& chunk, const PhaseMemory& memory) {
            return memory.of<std::uint64_t>(0)[chunk.index];
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, testing::sum_below(chunks));
    expect_all_once(result.report, 2 * chunks);
}

std::string name_of_case(const ::testing::TestParamInfo<Case>& info) {
    static const std::array names{"Returns",      "Throws",   "ThrowsNoMemory", "Exits",
                                  "ExitsQuickly", "RunsAJob", "Outlives"};
    const auto [crew, way, call] = info.param;
    return std::string(to_string(crew)) + names[static_cast<std::size_t>(way)] +
           (call == Fork::by_fork ? "" : "ByRawClone");
}

// exit() of a copy of the host's own process runs the host's own handlers: that is the user's.
INSTANTIATE_TEST_SUITE_P(OfEveryCrew, ForkingMaps,
                         ::testing::Combine(::testing::ValuesIn(testing::all_crews),
                                            ::testing::Values(Way::returns, Way::throws,
                                                              Way::throws_no_memory,
                                                              Way::runs_a_job),
                                            ::testing::Values(Fork::by_fork, Fork::by_raw_clone)),
                         name_of_case);
INSTANTIATE_TEST_SUITE_P(OfProcesses, ForkingMaps,
                         ::testing::Combine(::testing::Values(Crew::processes),
                                            ::testing::Values(Way::exits, Way::exits_quickly,
                                                              Way::outlives),
                                            ::testing::Values(Fork::by_fork, Fork::by_raw_clone)),
                         name_of_case);

}  // namespace
}  // namespace pinfold

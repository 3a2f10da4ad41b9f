// What a job holds while it lives, and how jobs of one pool share it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "board/board.hpp"
#include "crews.hpp"
#include "gate.hpp"
#include "leftovers.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::Empty;

class JobsOfOnePool : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {};

std::uint64_t sum_of(Pool& pool, std::uint64_t n) {
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    return map_reduce(pool, Range{0, n}, Empty{}, testing::sum_map, std::plus<>{}, options).value;
}

/// A job of two chunks whose fold runs the next one, `depth` deep. Returns how many chunks ran.
int count_in_folds(Pool& pool, int depth) {
    if (depth == 0) {
        return 0;
    }
    JobOptions<int> options;
    options.grain = 1;
    bool is_first = true;
    return map_reduce(
               pool, Range{0, 2}, Empty{}, [](const Empty&, const Chunk&) { return 1; },
               [&](int a, int b) {
                   const int below = is_first ? count_in_folds(pool, depth - 1) : 0;
                   is_first = false;
                   return a + b + below;
               },
               options)
        .value;
}

TEST_P(JobsOfOnePool, RunInFoldsOfEachOther) {
    Pool pool = testing::make_pool(GetParam(), 2);
    constexpr int depth = 2 * static_cast<int>(detail::max_boards);
    EXPECT_EQ(count_in_folds(pool, depth), 2 * depth);
}

TEST_P(JobsOfOnePool, RunInFoldsOfManyThreads) {
    Pool pool = testing::make_pool(GetParam(), 2);
    std::atomic<int> right{0};
    {
        std::vector<std::jthread> hosts;
        for (int host = 0; host < 20; ++host) {
            hosts.emplace_back([&] { right += count_in_folds(pool, 20) == 40 ? 1 : 0; });
        }
    }
    EXPECT_EQ(right, 20);
}

constexpr auto wait_at_the_gate = [](const testing::AtGate& at, const Chunk&) {
    at.gate->pass();
    return 1;
};

/// A job whose only chunk waits until the job's progress callback has run the next one, as deep as
/// there are gates. Returns how many chunks ran.
int count_in_progress(Pool& pool, std::span<testing::Shared<testing::Gate>> gates) {
    if (gates.empty()) {
        return 0;
    }
    int below = 0;
    bool is_first = true;
    JobOptions<int> options;
    options.progress = [&](const Progress&) {
        if (is_first) {
            is_first = false;
            below = count_in_progress(pool, gates.subspan(1));
            gates[0]->open();
        }
    };
    const auto result = map_reduce(pool, Range{0, 1}, testing::AtGate{gates[0].get()},
                                   wait_at_the_gate, std::plus<>{}, options);
    return result.value + below;
}

class JobsOfProcesses : public testing::NothingLeft {};

TEST_F(JobsOfProcesses, RunInProgressCallbacksOfEachOther) {
    constexpr int depth = 17;
    std::vector<testing::Shared<testing::Gate>> gates(depth);
    Pool pool = testing::make_pool(Crew::processes, depth);
    EXPECT_EQ(count_in_progress(pool, gates), depth);
}

TEST_F(JobsOfProcesses, HeedTheirDeadlineAndTheirStopTokenWhileAllBoardsAreTaken) {
    const testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(Crew::processes, 2);
    const auto run = [&](const JobOptions<int>& options) {
        return map_reduce(pool, Range{0, 1}, testing::AtGate{gate.get()}, wait_at_the_gate,
                          std::plus<>{}, options)
            .value;
    };
    std::atomic<int> values{0};
    std::vector<std::jthread> hosts;
    for (unsigned host = 0; host < detail::max_boards + 2; ++host) {
        hosts.emplace_back([&] { values += run({}); });
    }
    EXPECT_TRUE(gate->wait_for(2))
        << "a worker could begin a chunk of what follows, and stay in it";
    JobOptions<int> hurried;
    hurried.deadline = std::chrono::milliseconds(20);
    JobOptions<int> stopped;
    std::stop_source stop;
    stopped.stop = stop.get_token();
    for (int turn = 0; turn < 3; ++turn) {
        EXPECT_THROW(run(hurried), Timeout);
    }
    stop.request_stop();
    EXPECT_THROW(run(stopped), Cancelled);
    gate->open();
    hosts.clear();
    EXPECT_EQ(values, static_cast<int>(detail::max_boards) + 2);
}

class JobsSideBySide : public testing::NothingLeft, public ::testing::WithParamInterface<Crew> {};

// Of a long job only some chunks run meanwhile: those of the turns that the workers were in.
TEST_P(JobsSideBySide, ShareTheWorkersByTurns) {
    const testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(GetParam(), 2);
    constexpr std::uint64_t chunks = 2000;
    std::atomic<bool> long_one_is_over{false};
    std::jthread host([&] {
        JobOptions<int> options;
        options.grain = 1;
        const auto result = map_reduce(
            pool, Range{0, chunks}, testing::AtGate{gate.get()},
            [](const testing::AtGate& at, const Chunk&) {
                at.gate->linger(std::chrono::milliseconds(1));
                return 1;
            },
            std::plus<>{}, options);
        EXPECT_EQ(result.value, static_cast<int>(chunks));
        long_one_is_over = true;
    });
    ASSERT_TRUE(gate->wait_for(3));
    for (std::uint64_t n = 1; n <= 10; ++n) {
        EXPECT_EQ(sum_of(pool, n), testing::sum_below(n));
    }
    EXPECT_FALSE(long_one_is_over) << "the short jobs waited for the long one's end";
    gate->open();
}

INSTANTIATE_TEST_SUITE_P(JobRun, JobsOfOnePool, ::testing::ValuesIn(testing::all_crews),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });
INSTANTIATE_TEST_SUITE_P(JobRun, JobsSideBySide, ::testing::Values(Crew::threads, Crew::processes),
                         [](const auto& crew) { return std::string(to_string(crew.param)); });

}  // namespace
}  // namespace pinfold

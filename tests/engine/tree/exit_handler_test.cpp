// What ends a worker from inside of a map, and that nothing of the host's runs in it then.
#include <gtest/gtest.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <pinfold/engine/errors.hpp>
#include <string>
#include <thread>

#include "crews.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using testing::HostProcess;

enum class Way {
    exit,
    quick_exit,
    exit_of_a_thread,
    quick_exit_of_a_thread,
    at_once,
    abort,
    end_of_thread
};

/// What is counted in all processes.
struct Counts {
    std::atomic<int> of_host{0};  // handlers of the host's that ran anywhere
    std::atomic<int> of_map{0};   // handlers that a map had registered
};
Counts* counts = nullptr;

void hosts_handler() {
    ++counts->of_host;
}
void maps_handler() {
    ++counts->of_map;
}

void register_of_host() {
    ASSERT_EQ(std::atexit(hosts_handler), 0);
    ASSERT_EQ(std::at_quick_exit(hosts_handler), 0);
    ASSERT_EQ(on_exit([](int, void*) { hosts_handler(); }, nullptr), 0);
}

[[noreturn]] void leave_by(Way way) {
    std::atexit(maps_handler);
    std::at_quick_exit(maps_handler);
    switch (way) {
        case Way::exit:
            std::exit(3);
        case Way::quick_exit:
            std::quick_exit(3);
        case Way::exit_of_a_thread:
            std::thread([] { std::exit(3); }).join();
            break;
        case Way::quick_exit_of_a_thread:
            std::thread([] { std::quick_exit(3); }).join();
            break;
        case Way::at_once:
            std::_Exit(3);
        case Way::abort:
            std::abort();
        case Way::end_of_thread:
            pthread_exit(nullptr);
    }
    std::abort();
}

struct Leaving {
    Way way;
    bool at_each_attempt;
    std::uint32_t* starts;
};

std::uint64_t sum_or_leave(const Leaving& job, const Chunk& chunk) {
    if (chunk.index == 5 && (job.at_each_attempt || std::atomic_ref(*job.starts)++ == 0)) {
        leave_by(job.way);
    }
    return testing::sum_map({}, chunk);
}

/// The host's own story, as one line: what a job came to, and how many handlers have run.
std::string run_in(Pool& pool, Way way, bool at_each_attempt) {
    auto starts = pool.array<std::uint32_t>(1);
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    std::string line;
    try {
        const auto result = map_reduce(
            pool, Range{0, 100}, Leaving{way, at_each_attempt, starts.data()},
            [](const Leaving& job, const Chunk& chunk) { return sum_or_leave(job, chunk); },
            std::plus<>{}, options);
        line = std::to_string(result.value) + " after " + std::to_string(result.report.deaths);
    } catch (const JobFailed& failure) {
        line = std::to_string(failure.details().deaths.size()) + " times " +
               failure.details().deaths.back().how;
    }
    return line + ", of the host " + std::to_string(counts->of_host) + ", of the map " +
           std::to_string(counts->of_map);
}

class AWorkerThatAMapEnds : public testing::NothingLeft, public ::testing::WithParamInterface<Way> {
  protected:
    AWorkerThatAMapEnds() { counts = shared_.get(); }

    /// How many of the map's handlers run at each of its ends.
    [[nodiscard]] static int expected_of_map() {
        const Way way = GetParam();
        return way == Way::at_once || way == Way::abort || way == Way::end_of_thread ? 0 : 1;
    }

  private:
    const testing::Shared<Counts> shared_;
};

TEST_P(AWorkerThatAMapEnds, RunsNoHandlerOfTheHostAndItsChunkRunsAgain) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        testing::bar_core_files();
        register_of_host();
        Pool pool = testing::make_pool(Crew::processes, 2);
        tell(run_in(pool, GetParam(), false));
    });
    EXPECT_EQ(told, "4950 after 1, of the host 0, of the map " + std::to_string(expected_of_map()));
}

// Each pool's workers inherit what the host had registered by then.
TEST_P(AWorkerThatAMapEnds, RunsNoHandlerThatTheHostRegisteredBetweenItsPools) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        testing::bar_core_files();
        const Pool first = testing::make_pool(Crew::processes, 1);
        register_of_host();
        { const Pool second = testing::make_pool(Crew::processes, 1); }
        register_of_host();
        Pool pool = testing::make_pool(Crew::processes, 2);
        tell(run_in(pool, GetParam(), false));
    });
    EXPECT_EQ(told, "4950 after 1, of the host 0, of the map " + std::to_string(expected_of_map()));
}

TEST_P(AWorkerThatAMapEnds, IsToldOfByItsStatusWhenTheChunkIsPoison) {
    const std::string told = testing::told_by_host([](const HostProcess::Tell& tell) {
        testing::bar_core_files();
        register_of_host();
        Pool pool = testing::make_pool(Crew::processes, 1);
        tell(run_in(pool, GetParam(), true));
    });
    std::string how = "exit code 3";
    if (GetParam() == Way::abort) {
        how = "signal 6 (Aborted)";
    } else if (GetParam() == Way::end_of_thread) {
        how = "exit code 70";
    }
    EXPECT_EQ(told, "3 times " + how + ", of the host 0, of the map " +
                        std::to_string(3 * expected_of_map()));
}

INSTANTIATE_TEST_SUITE_P(Ways, AWorkerThatAMapEnds,
                         ::testing::Values(Way::exit, Way::quick_exit, Way::exit_of_a_thread,
                                           Way::quick_exit_of_a_thread, Way::at_once, Way::abort,
                                           Way::end_of_thread));

class HostWithExitHandlers : public testing::NothingLeft {};

/// The host's handlers that ran when it ended by `leave` after it had made and used pools.
int handlers_run_by(void (*leave)(int)) {
    const testing::Shared<Counts> shared;
    counts = shared.get();
    HostProcess host([leave](const HostProcess::Tell&) {
        register_of_host();
        { const Pool pool = testing::make_pool(Crew::processes, 1); }
        register_of_host();
        Pool pool = testing::make_pool(Crew::processes, 1);
        run_in(pool, Way::quick_exit, false);
        leave(0);
    });
    host.wait();
    return shared->of_host;
}

TEST_F(HostWithExitHandlers, RunsEachOfThemOnceWhenItEnds) {
    EXPECT_EQ(handlers_run_by(std::exit), 4) << "two of atexit() and two of on_exit()";
    EXPECT_EQ(handlers_run_by(std::quick_exit), 2);
    EXPECT_EQ(handlers_run_by(std::_Exit), 0);
}

}  // namespace
}  // namespace pinfold

// How a job of processes ends early: at its deadline or a stop request, waiting for its maps or
// killing them; and how a pool ends whose workers cannot start.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <pinfold/engine/errors.hpp>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>

#include "crews.hpp"
#include "gate.hpp"
#include "process_tree.hpp"
#include "shared.hpp"

namespace pinfold {
namespace {

using std::chrono::milliseconds;
using testing::Empty;

class Stops : public testing::NothingLeft {
  protected:
    static void SetUpTestSuite() { testing::bar_core_files(); }
};

constexpr auto wait_at_gate = [](const testing::AtGate& at, const Chunk&) {
    at.gate->pass();
    usleep(1000);
    return 1;
};

struct GatedRun {
    testing::Shared<testing::Gate> gate;
    Pool pool = testing::make_pool(Crew::processes, 2);
    JobOptions<int> options;
    std::uint64_t chunks = 100;

    void operator()() {
        options.grain = 1;
        map_reduce(pool, Range{0, chunks}, testing::AtGate{gate.get()}, wait_at_gate, std::plus<>{},
                   options);
    }

    std::uint64_t value_of_another_job() {
        return map_reduce(pool, Range{0, 1000}, Empty{}, testing::sum_map, std::plus<>{}).value;
    }
};

TEST_F(Stops, ADeadlineWithKillEndsMapsThatNeverReturn) {
    GatedRun run;
    run.options.deadline = milliseconds(100);
    run.options.kill = true;
    EXPECT_THROW(run(), Timeout);
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

TEST_F(Stops, AStopWithKillEndsMapsThatNeverReturn) {
    GatedRun run;
    std::stop_source source;
    run.options.stop = source.get_token();
    run.options.kill = true;
    std::jthread stopper([&] {
        EXPECT_TRUE(run.gate->wait_for(2));
        source.request_stop();
    });
    EXPECT_THROW(run(), Cancelled);
    EXPECT_EQ(run.gate->arrived(), 2U);
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

/// Some microseconds of work.
constexpr auto short_map = [](const Empty&, const Chunk& chunk) {
    volatile std::uint64_t sum = 0;
    for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
        sum = sum + i;
    }
    return std::uint64_t{sum};
};

JobResult<std::uint64_t> sum_in_short_chunks(Pool& pool, std::uint64_t end,
                                             JobOptions<std::uint64_t> options) {
    options.grain = 5000;
    return map_reduce(pool, Range{0, end}, Empty{}, short_map, std::plus<>{}, options);
}

TEST_F(Stops, AKillOfAJobReachesNoChunkOfTheJobsBesideIt) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    std::atomic<bool> over{false};
    std::jthread beside([&] {
        while (!over) {
            const auto result = sum_in_short_chunks(pool, 2'000'000, {});
            EXPECT_EQ(result.value, testing::sum_below(2'000'000));
            EXPECT_EQ(result.report.attempts, result.report.chunks);
        }
    });
    int killed = 0;
    for (unsigned round = 0; round < 150; ++round) {
        JobOptions<std::uint64_t> options;
        options.deadline = std::chrono::microseconds(500 + 13 * round);
        options.kill = true;
        try {
            sum_in_short_chunks(pool, 200'000'000, options);
        } catch (const Timeout&) {
            ++killed;
        }
    }
    over = true;
    EXPECT_GT(killed, 0);
}

TEST_F(Stops, ALateChunkEndsAndNoLaterOne) {
    Pool pool = testing::make_pool(Crew::processes, 2);
    JobOptions<int> options;
    options.grain = 1;
    options.max_attempts = 100;
    options.chunk_deadline = milliseconds(8);
    const auto starts = pool.array<std::uint32_t>(400);
    // Every other chunk takes about as long as it may, the ones between a moment.
    const auto result = map_reduce(
        pool, Range{0, starts.size()}, starts.data(),
        [](std::uint32_t* const& all, const Chunk& chunk) {
            std::atomic_ref(all[chunk.index]).fetch_add(1);
            if (chunk.index % 2 == 0) {
                usleep(5000 + 20 * static_cast<useconds_t>(chunk.index % 100));
            }
            return 1;
        },
        std::plus<>{}, options);
    EXPECT_EQ(result.value, 400);
    EXPECT_EQ(testing::chunks_of_workers(result.report), 400U);
    std::uint64_t sum = 0;
    for (std::size_t chunk = 0; chunk < starts.size(); ++chunk) {
        sum += starts[chunk];
    }
    EXPECT_EQ(result.report.attempts, sum) << "an attempt is a start of the map";
}

TEST_F(Stops, AStopWithoutKillWaitsForTheMapsThatRunAndStartsNoOther) {
    GatedRun run;
    run.chunks = 5000;
    std::stop_source source;
    run.options.stop = source.get_token();
    std::jthread stopper([&] {
        EXPECT_TRUE(run.gate->wait_for(2));
        source.request_stop();
        usleep(60'000);  // for the waiting thread to see it, at most a slice of 50 ms
        run.gate->open();
    });
    EXPECT_THROW(run(), Cancelled);
    EXPECT_LT(run.gate->arrived(), 5000U);
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

TEST_F(Stops, AChunkDeadlineEndsAlsoAJobWhoseWorkerWasStoppedFromOutside) {
    GatedRun run;
    run.options.chunk_deadline = milliseconds(100);
    run.options.max_attempts = 100;
    const int supervisor = testing::supervisor_of(getpid());
    const int worker = testing::workers_of(getpid(), 2).front();
    std::jthread stopper([&] {
        EXPECT_TRUE(run.gate->wait_for(1));
        EXPECT_TRUE(testing::signal_child(supervisor, worker, SIGSTOP));
        run.gate->open();
    });
    run();
    EXPECT_EQ(run.value_of_another_job(), testing::sum_below(1000));
}

using SharedCounter = testing::Shared<std::atomic<std::uint32_t>>;

std::string reason_of_broken(const std::function<void()>& use) {
    try {
        use();
        return "it works";
    } catch (const PoolBroken& e) {
        return e.what();
    }
}

PoolOptions with_initializer(std::function<void()> initializer) {
    return {.workers = 2, .pin = "none", .initializer = std::move(initializer)};
}

TEST_F(Stops, AnInitializerThatThrowsBreaksThePoolWithItsText) {
    const SharedCounter starts;
    const std::string reason = reason_of_broken([&] {
        Pool pool(with_initializer([&] {
            starts->fetch_add(1);
            throw std::runtime_error("no licence for this machine");
        }));
    });
    EXPECT_EQ(reason, "the pool is broken: start-up threw: no licence for this machine");
    EXPECT_LT(starts->load(), 20U);
}

TEST_F(Stops, AnInitializerThatCrashesBreaksThePoolWithTheSignal) {
    const SharedCounter starts;
    const std::string reason = reason_of_broken([&] {
        Pool pool(with_initializer([&] {
            starts->fetch_add(1);
            raise(SIGSEGV);
        }));
    });
    EXPECT_EQ(reason, "the pool is broken: workers die at start-up by signal 11");
    EXPECT_LT(starts->load(), 20U);
}

TEST_F(Stops, AnInitializerThatFailsAFewTimesIsTriedAgain) {
    const SharedCounter starts;
    Pool pool(with_initializer([&] {
        if (starts->fetch_add(1) < 3) {
            raise(SIGKILL);
        }
    }));
    EXPECT_EQ(map_reduce(pool, Range{0, 1000}, Empty{}, testing::sum_map, std::plus<>{}).value,
              testing::sum_below(1000));
    EXPECT_EQ(starts->load(), 5U);
}

TEST_F(Stops, AnInitializerThatFailsLaterBreaksTheRunningJob) {
    const SharedCounter starts;
    Pool pool(with_initializer([&] {
        if (starts->fetch_add(1) >= 2) {
            throw std::runtime_error("the licence has expired");
        }
    }));
    const std::string reason = reason_of_broken([&] {
        JobOptions<int> options;
        options.max_attempts = 100;
        map_reduce(
            pool, Range{0, 10}, Empty{}, [](const Empty&, const Chunk&) { return raise(SIGKILL); },
            std::plus<>{}, options);
    });
    EXPECT_EQ(reason, "the pool is broken: start-up threw: the licence has expired");
    EXPECT_EQ(reason_of_broken([&] {
                  map_reduce(pool, Range{0, 1}, Empty{}, testing::sum_map, std::plus<>{});
              }),
              reason)
        << "it stays broken";
}

}  // namespace
}  // namespace pinfold

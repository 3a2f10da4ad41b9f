// A worker dies at each step of the claim loop in turn, wherever another can take over: the job's
// value is right all the same, exactly the chunk in flight runs again, and the pool goes on.

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <pinfold/engine/stream.hpp>
#include <stdexcept>
#include <string>
#include <tuple>

#include "crash_point.hpp"
#include "crews.hpp"
#include "leftovers.hpp"

namespace pinfold {
namespace {

using detail::Step;
using testing::Empty;

constexpr std::uint64_t chunks = 24;

constexpr std::array<const char*, detail::steps> step_names{
    "Joined",         "Announced",      "BeforeAsking",    "Asked",        "ClaimedForAnother",
    "BeforeLease",    "Leased",         "BeforeClaim",     "Claimed",      "Noted",
    "EmittedInRow",   "MergedInRow",    "BlockTakenInRow", "WrittenInRow", "MappedInRow",
    "CommittedInRow", "GivenOverInRow", "NamedInRow",      "MapReturned",  "Committed",
    "GivenOver",      "BatchOver",      "Published",       "Counted",      "PhaseAdvanced",
    "Rang",           "AwaitedTaken",   "ReasonTaken",     "Threw",        "Lost",
    "BeforeLeave",    "Left",
};

std::string name_of(Step step) {
    return step_names[static_cast<std::size_t>(step)];
}

/// The chunk is in flight: the job cannot end before the burial, and the chunk runs once more.
bool loses_its_chunk(Step step) {
    return step == Step::claimed || step == Step::noted || step == Step::map_returned;
}

/// A lone worker that dies there for the first time leaves work for its successor.
bool is_before_the_end(Step step) {
    return step != Step::rang && step != Step::before_leave && step != Step::left &&
           step != Step::phase_advanced;
}

JobResult<std::uint64_t> sum(Pool& pool) {
    JobOptions<std::uint64_t> options;
    options.grain = 10;
    return map_reduce(pool, Range{0, 10 * chunks}, Empty{}, testing::sum_map, std::plus<>{},
                      options);
}

/// The same sum, read from what a first phase leaves.
JobResult<std::uint64_t> sum_in_phases(Pool& pool) {
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    Phases<Empty> phases;
    phases.add({.range = {0, 10 * chunks}, .grain = 10, .bytes = chunks * sizeof(std::uint64_t)},
               [](const Empty& empty, const Chunk& chunk, const PhaseMemory& memory) {
                   memory.of<std::uint64_t>(0)[chunk.index] = testing::sum_map(empty, chunk);
               });
    return map_reduce(
        pool, Range{0, chunks}, Empty{}, phases,
        [](const Empty&, const Chunk& chunk, const PhaseMemory& memory) {
            return memory.of<std::uint64_t>(0)[chunk.index];
        },
        std::plus<>{}, options);
}

class CrashPoint : public testing::NothingLeft {
  protected:
    void TearDown() override {
        testing::disarm_crash_point();
        NothingLeft::TearDown();
    }
};

/// Step, passing, workers, in phases, on a board that other jobs have used.
using Death = std::tuple<Step, int, int, bool, bool>;

std::string name_of_death(const ::testing::TestParamInfo<Death>& death) {
    const auto [step, passing, workers, in_phases, reused] = death.param;
    return name_of(step) + std::to_string(passing) + "Of" + std::to_string(workers) +
           (in_phases ? "InPhases" : "") + (reused ? "OnAReusedBoard" : "");
}

class EveryStep : public CrashPoint, public ::testing::WithParamInterface<Death> {};

TEST_P(EveryStep, CostsNeitherTheValueNorThePool) {
    const auto [step, passing, workers, in_phases, reused] = GetParam();
    const auto run = in_phases ? sum_in_phases : sum;
    Pool pool = testing::make_pool(Crew::processes, workers);
    for (int job = 0; job < (reused ? 3 : 0); ++job) {
        EXPECT_EQ(run(pool).value, testing::sum_below(10 * chunks));
    }

    testing::arm_crash_point(step, passing);
    std::uint64_t deaths = 0;
    // A step is passed about once a job or more often; now and then the host takes one over.
    for (int job = 0; !testing::crash_point_struck() && job < 10'000; ++job) {
        const auto result = run(pool);
        EXPECT_EQ(result.value, testing::sum_below(10 * chunks));
        const std::uint64_t again = loses_its_chunk(step) ? result.report.deaths : 0;
        EXPECT_EQ(result.report.attempts, result.report.chunks + again);
        EXPECT_EQ(testing::chunks_of_workers(result.report), result.report.chunks);
        deaths += result.report.deaths;
    }
    EXPECT_TRUE(testing::crash_point_struck());
    EXPECT_LE(deaths, 1U);
    if (loses_its_chunk(step) || (workers == 1 && passing == 1 && is_before_the_end(step))) {
        EXPECT_EQ(deaths, 1U);
    }

    EXPECT_EQ(run(pool).value, testing::sum_below(10 * chunks)) << "the pool stays usable";
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStep,
    ::testing::Combine(::testing::Values(Step::joined, Step::announced, Step::before_claim,
                                         Step::claimed, Step::noted, Step::map_returned,
                                         Step::committed, Step::batch_over, Step::published,
                                         Step::counted, Step::phase_advanced, Step::rang,
                                         Step::before_leave, Step::left),
                       ::testing::Values(1, 3), ::testing::Values(1, 2, 3), ::testing::Bool(),
                       ::testing::Bool()),
    name_of_death);

constexpr auto odd_one_out = [](const Empty&, const Chunk& chunk) {
    if (chunk.index == 7) {
        throw std::domain_error("seven");
    }
    return 1;
};

/// Step and workers.
using DeathByException = std::tuple<Step, int>;

std::string name_of_exception(const ::testing::TestParamInfo<DeathByException>& death) {
    const auto [step, workers] = death.param;
    return name_of(step) + "Of" + std::to_string(workers);
}

class EveryStepOfAnException : public CrashPoint,
                               public ::testing::WithParamInterface<DeathByException> {};

TEST_P(EveryStepOfAnException, StillFailsTheJobWithItsText) {
    const auto [step, workers] = GetParam();
    Pool pool = testing::make_pool(Crew::processes, workers);
    JobOptions<int> options;
    options.grain = 1;
    testing::arm_crash_point(step, 1);
    try {
        map_reduce(pool, Range{0, chunks}, Empty{}, odd_one_out, std::plus<>{}, options);
        ADD_FAILURE() << "the job did not fail";
    } catch (const JobFailed& failure) {
        EXPECT_EQ(failure.details().chunk.index, 7U);
        EXPECT_EQ(failure.details().exception_text, "seven");
        EXPECT_EQ(failure.details().attempts, step == Step::threw ? 2 : 1);
        EXPECT_EQ(failure.details().deaths.size(), step == Step::threw ? 1U : 0U);
    }
    EXPECT_TRUE(testing::crash_point_struck());
    EXPECT_EQ(sum(pool).value, testing::sum_below(10 * chunks)) << "the pool stays usable";
}

class EveryStepOfASkip : public EveryStepOfAnException {};

TEST_P(EveryStepOfASkip, LeavesOutItsChunkAndSaysWhy) {
    const auto [step, workers] = GetParam();
    Pool pool = testing::make_pool(Crew::processes, workers);
    JobOptions<int> options;
    options.grain = 1;
    options.on_poison = OnPoison::skip;
    testing::arm_crash_point(step, 1);
    const auto result =
        map_reduce(pool, Range{0, chunks}, Empty{}, odd_one_out, std::plus<>{}, options);
    EXPECT_TRUE(testing::crash_point_struck());
    EXPECT_EQ(result.value, static_cast<int>(chunks) - 1);
    ASSERT_EQ(result.report.skipped.size(), 1U);
    const ChunkFailure& skipped = result.report.skipped[0];
    EXPECT_EQ(skipped.chunk.index, 7U);
    EXPECT_EQ(skipped.exception_type, "std::domain_error");
    EXPECT_EQ(skipped.exception_text, "seven");
    EXPECT_EQ(skipped.attempts, step == Step::lost ? 1 : 2);
    EXPECT_EQ(skipped.deaths.size(), step == Step::lost ? 0U : 1U);
    EXPECT_EQ(testing::chunks_of_workers(result.report), chunks - 1);
}

INSTANTIATE_TEST_SUITE_P(CrashPoint, EveryStepOfAnException,
                         ::testing::Combine(::testing::Values(Step::threw, Step::lost),
                                            ::testing::Values(1, 2, 3)),
                         name_of_exception);

TEST_P(EveryStepOfASkip, SaysThatTheLastAttemptEndedInADeath) {
    const auto [step, workers] = GetParam();
    Pool pool = testing::make_pool(Crew::processes, workers);
    JobOptions<int> options;
    options.grain = 1;
    options.max_attempts = 1;
    options.on_poison = OnPoison::skip;
    testing::arm_crash_point(step, 1);
    const auto result =
        map_reduce(pool, Range{0, chunks}, Empty{}, odd_one_out, std::plus<>{}, options);
    EXPECT_TRUE(testing::crash_point_struck());
    ASSERT_EQ(result.report.skipped.size(), 1U);
    const ChunkFailure& skipped = result.report.skipped[0];
    EXPECT_EQ(skipped.exception_text, step == Step::lost ? "seven" : "");
    ASSERT_EQ(skipped.deaths.size(), step == Step::lost ? 0U : 1U);
    if (step != Step::lost) {
        EXPECT_EQ(skipped.deaths[0].how, "signal 9 (Killed)");
    }
}

INSTANTIATE_TEST_SUITE_P(CrashPoint, EveryStepOfASkip,
                         ::testing::Combine(::testing::Values(Step::reason_taken, Step::threw,
                                                              Step::lost),
                                            ::testing::Values(1, 2, 3)),
                         name_of_exception);

// ---- streams
// --------------------------------------------------------------------------------------

class EveryStepOfAStream : public CrashPoint,
                           public ::testing::WithParamInterface<DeathByException> {};

/// The host sleeps for chunks, and workers for room below its limit.
TEST_P(EveryStepOfAStream, CostsNeitherAResultNorTheirOrder) {
    const auto [step, workers] = GetParam();
    Pool pool = testing::make_pool(Crew::processes, workers);
    for (const std::uint64_t look_ahead : {1U, 3U, 64U}) {
        testing::arm_crash_point(step, 2);
        for (int job = 0; !testing::crash_point_struck() && job < 1000; ++job) {
            std::uint64_t next = 0;
            const auto report = stream(
                pool, Range{0, 200}, [](const Chunk& chunk) { return chunk.index; },
                [&](std::uint64_t index) { EXPECT_EQ(index, next++); },
                {.grain = 1, .look_ahead = look_ahead});
            EXPECT_EQ(next, 200U);
            EXPECT_EQ(report.chunks, 200U);
        }
        EXPECT_TRUE(testing::crash_point_struck());
    }
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStepOfAStream,
    ::testing::Combine(::testing::Values(Step::joined, Step::announced, Step::claimed,
                                         Step::map_returned, Step::committed, Step::batch_over,
                                         Step::published, Step::counted, Step::awaited_taken,
                                         Step::rang, Step::before_leave, Step::left),
                       ::testing::Values(1, 2)),
    name_of_exception);

// ---- leases
// --------------------------------------------------------------------------------------

constexpr std::uint64_t many_chunks = 4096;

/// The chunk is in flight under a lease. Where its worker had only named it, it counts as such.
bool loses_its_leased_chunk(Step step) {
    return step == Step::leased || step == Step::named_in_row || step == Step::mapped_in_row;
}

/// Nobody has these steps but who asks for a lease.
bool is_of_who_asks(Step step) {
    return step == Step::before_asking || step == Step::asked || step == Step::claimed_for_another;
}

struct SlowChunks {
    int slow_us;
};

/// One chunk in 512 may take long. It lies in the middle of what a lease holds.
constexpr auto index_if_slow = [](const SlowChunks& job, const Chunk& chunk) {
    if (job.slow_us != 0 && chunk.index % 512 == 250) {
        usleep(static_cast<useconds_t>(job.slow_us));
    }
    return chunk.index;
};

JobResult<std::uint64_t> sum_of_many(Pool& pool, int slow_us) {
    JobOptions<std::uint64_t> options;
    options.grain = 1;
    return map_reduce(pool, Range{0, many_chunks}, SlowChunks{slow_us}, index_if_slow,
                      std::plus<>{}, options);
}

class EveryStepOfALease : public CrashPoint,
                          public ::testing::WithParamInterface<std::tuple<Step, int, int>> {};

TEST_P(EveryStepOfALease, CostsNoMoreThanTheChunkInFlight) {
    const auto [step, passing, workers] = GetParam();
    const int slow_us = is_of_who_asks(step) ? 5'000 : 0;
    Pool pool = testing::make_pool(Crew::processes, workers);
    EXPECT_EQ(sum_of_many(pool, 0).value, testing::sum_below(many_chunks));

    testing::arm_crash_point(step, passing);
    std::uint64_t deaths = 0;
    for (int job = 0; !testing::crash_point_struck() && job < 1'000; ++job) {
        const auto result = sum_of_many(pool, slow_us);
        EXPECT_EQ(result.value, testing::sum_below(many_chunks));
        const std::uint64_t again = loses_its_leased_chunk(step) ? result.report.deaths : 0;
        EXPECT_EQ(result.report.attempts, many_chunks + again);
        EXPECT_EQ(testing::chunks_of_workers(result.report), many_chunks);
        deaths += result.report.deaths;
    }
    EXPECT_TRUE(testing::crash_point_struck());
    EXPECT_LE(deaths, 1U);
    EXPECT_EQ(deaths, loses_its_leased_chunk(step) ? 1U : deaths);
    EXPECT_EQ(sum_of_many(pool, 0).value, testing::sum_below(many_chunks));
}

std::string name_of_lease(const ::testing::TestParamInfo<std::tuple<Step, int, int>>& death) {
    const auto [step, passing, workers] = death.param;
    return name_of(step) + std::to_string(passing) + "Of" + std::to_string(workers);
}

INSTANTIATE_TEST_SUITE_P(
    CrashPoint, EveryStepOfALease,
    ::testing::Combine(::testing::Values(Step::before_lease, Step::leased, Step::mapped_in_row,
                                         Step::committed_in_row, Step::named_in_row),
                       ::testing::Values(1, 3, 333), ::testing::Values(1, 2, 3)),
    name_of_lease);

INSTANTIATE_TEST_SUITE_P(CrashPointOfWhoAsks, EveryStepOfALease,
                         ::testing::Combine(::testing::Values(Step::before_asking, Step::asked,
                                                              Step::claimed_for_another),
                                            ::testing::Values(1, 2), ::testing::Values(2, 3)),
                         name_of_lease);

TEST_F(CrashPoint, OfAChosenWorkerLeavesTheOthersAlone) {
    Pool pool = testing::make_pool(Crew::processes, 3);
    for (const int worker : {0, 1, 2}) {
        const auto pids = testing::descendants(getpid());
        testing::arm_crash_point(Step::joined, 1, worker);
        const bool died = testing::eventually([&] {
            EXPECT_EQ(sum(pool).value, testing::sum_below(10 * chunks));
            return testing::crash_point_struck();
        });
        EXPECT_TRUE(died);
        EXPECT_TRUE(testing::eventually([&] {
            const auto now = testing::descendants(getpid());
            const auto stayed = std::count_if(now.begin(), now.end(), [&](int pid) {
                return std::find(pids.begin(), pids.end(), pid) != pids.end();
            });
            return now.size() == pids.size() && stayed + 1 == std::ssize(pids);
        }));
    }
}

/// A chunk that kills its worker at every start is given up after its attempts, at any step.
TEST_F(CrashPoint, GivesAChunkUpAfterItsAttempts) {
    for (const Step step : {Step::claimed, Step::noted, Step::map_returned}) {
        Pool pool = testing::make_pool(Crew::processes, 2);
        JobOptions<std::uint64_t> options;
        options.max_attempts = 1;
        testing::arm_crash_point(step, 1);
        EXPECT_THROW(
            map_reduce(pool, Range{0, 100}, Empty{}, testing::sum_map, std::plus<>{}, options),
            JobFailed);
        EXPECT_EQ(sum(pool).value, testing::sum_below(10 * chunks));
    }
}

}  // namespace
}  // namespace pinfold

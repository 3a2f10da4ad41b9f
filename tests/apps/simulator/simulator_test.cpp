#include "simulator/simulator.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "free_of_charge.hpp"
#include "simulator/workload.hpp"

namespace pinfold::apps {
namespace {

/// In seconds, by an engine that costs nothing.
double ideal(const std::vector<double>& chunks, int workers, int cpus) {
    return simulate({.chunk_seconds = chunks}, workers, free_of_charge(cpus)).seconds;
}

double sum_of_terms(const Prediction& prediction) {
    return std::accumulate(prediction.terms.begin(), prediction.terms.end(), 0.0,
                           [](double sum, const Term& term) { return sum + term.seconds; });
}

TEST(Simulator, OneWorkerTakesTheSum) {
    EXPECT_NEAR(ideal({1, 2, 0.5}, 1, 2), 3.5, 1e-12);
}

TEST(Simulator, EqualChunksAreSharedOut) {
    EXPECT_NEAR(ideal(std::vector<double>(12, 1), 4, 5), 3, 1e-12);
    EXPECT_NEAR(ideal(std::vector<double>(13, 1), 4, 5), 4, 1e-12);
}

TEST(Simulator, OneLongChunkAtTheEndIsWaitedFor) {
    // Three workers: chunks of 1 s end at 1 and at 2, then one takes the last.
    const Prediction last =
        simulate({.chunk_seconds = {1, 1, 1, 1, 1, 1, 9}}, 3, free_of_charge(4));
    EXPECT_NEAR(last.seconds, 11, 1e-12);
    EXPECT_EQ(last.limit, "imbalance at the end");
    // At the begin it hides the others.
    EXPECT_NEAR(ideal({9, 1, 1, 1, 1, 1, 1}, 3, 4), 9, 1e-12);
}

TEST(Simulator, MoreWorkersThanChunksAreNotCalled) {
    Constants constants = free_of_charge(9);
    constants.call = 0.25;
    // The third chunk begins when the third worker is called.
    const Prediction prediction = simulate({.chunk_seconds = {1, 1, 1}}, 8, constants);
    EXPECT_NEAR(prediction.seconds, 1.75, 1e-12);
    EXPECT_NEAR(prediction.busy_seconds, 3.0 / 8, 1e-12);
}

TEST(Simulator, NoChunksCostWhatTheHostDoes) {
    Constants constants = free_of_charge(2);
    constants.open = 0.5;
    constants.report = 0.125;
    constants.close = 0.25;
    const Prediction prediction = simulate({}, 4, constants);
    EXPECT_NEAR(prediction.seconds, 0.75, 1e-12);  // nobody is waited for, and nobody reports
    EXPECT_EQ(prediction.batches, 0U);
    EXPECT_EQ(prediction.speedup, 0);
}

TEST(Simulator, EachStepCostsItsTime) {
    Constants constants = free_of_charge(2);
    constants.open = 1;
    constants.call = 2;
    constants.enter = 4;
    constants.batch = 8;
    constants.chunk = 16;
    constants.report = 32;
    constants.fold = 64;
    constants.close = 128;
    // One worker, two chunks of 100 s, a batch each; the second claim comes after the first batch.
    const Prediction prediction = simulate({.chunk_seconds = {100, 100}}, 1, constants);
    EXPECT_NEAR(prediction.seconds, 1 + 2 + 4 + 2 * (8 + 16 + 100) + 32 + 2 * 64 + 128, 1e-9);
    EXPECT_EQ(prediction.batches, 2U);
    EXPECT_NEAR(sum_of_terms(prediction), prediction.seconds, 1e-9);
    EXPECT_NEAR(prediction.speedup, (200 + 128) / prediction.seconds, 1e-9);
}

TEST(Simulator, ALineIsHadByOneAfterTheOther) {
    Constants constants = free_of_charge(5);
    constants.line = 1;
    constants.workers_spin = true;  // all four come at 1 s, when they hear the ring
    // Two transfers a claim: they have their chunk at 3, 5, 7 and 9 s. The host hears of the last
    // commit one transfer later.
    const Prediction prediction = simulate({.chunk_seconds = {10, 10, 10, 10}}, 4, constants);
    EXPECT_NEAR(prediction.seconds, 9 + 10 + 1, 1e-12);
    // A node of its own for each worker: nobody waits.
    constants.numa_nodes = 4;
    EXPECT_NEAR(simulate({.chunk_seconds = {10, 10, 10, 10}}, 4, constants).seconds, 1 + 2 + 10 + 1,
                1e-12);
}

TEST(Simulator, WorkersShareTheCpusThatThereAre) {
    EXPECT_NEAR(ideal(std::vector<double>(8, 1), 8, 2), 4, 1e-9);
    // Chunks that sleep share nothing.
    Workload sleepers = equal_chunks(8, 1);
    sleepers.chunks_sleep = true;
    EXPECT_NEAR(simulate(sleepers, 8, free_of_charge(2)).seconds, 1, 1e-9);
}

TEST(Simulator, SleepersQueueForTheCpuWhenTheyWake) {
    Workload sleepers = equal_chunks(8, 10);
    sleepers.chunks_sleep = true;
    Constants constants = free_of_charge(2);
    constants.resume = 1;
    // All wake at 10 s; on two CPUs that they are bound to, four after each other.
    const Prediction prediction = simulate(sleepers, 8, constants);
    EXPECT_NEAR(prediction.seconds, 14, 1e-9);
    EXPECT_NEAR(sum_of_terms(prediction), prediction.seconds, 1e-9);
    constants.cpus = 8;
    EXPECT_NEAR(simulate(sleepers, 8, constants).seconds, 11, 1e-9);
}

TEST(Simulator, AnIdleWorkerTakesHalfOfAnothersBatch) {
    // Chunks of 0.1 µs let batches grow, and then 600 are slow: whoever has many of them in a batch
    // would work on them alone at the end, if the others did not take some.
    std::vector<double> chunks(3000, 1e-7);
    std::fill(chunks.begin() + 2000, chunks.begin() + 2600, 1e-3);
    const Prediction prediction = simulate({.chunk_seconds = chunks}, 3, free_of_charge(4));
    EXPECT_GE(prediction.steals, 1U);
    EXPECT_NEAR(prediction.seconds, 0.2, 1.001e-3);
}

TEST(Simulator, IsTheSameEachTime) {
    const Workload work = lognormal_chunks(20'000, 3e-5, 1.5, 7);
    const Prediction first = simulate(work, 48, {.cpus = 16});
    const Prediction second = simulate(work, 48, {.cpus = 16});
    EXPECT_EQ(first.seconds, second.seconds);
    EXPECT_EQ(first.steals, second.steals);
    EXPECT_EQ(first.batches, second.batches);
}

TEST(Simulator, TellsWhatBoundsAJob) {
    const auto limit_of = [](const Workload& work, int workers, const Constants& constants) {
        return simulate(work, workers, constants).limit;
    };
    EXPECT_EQ(limit_of(equal_chunks(6400, 1e-3), 64, {.cpus = 65}), "work");
    EXPECT_EQ(limit_of(equal_chunks(1024, 1e-4), 1024, {.cpus = 1025}), "start of the workers");
    EXPECT_EQ(limit_of(equal_chunks(200'000, 1e-7), 64, {.cpus = 65, .fold = 1e-7}),
              "report and fold");
    EXPECT_EQ(
        limit_of(equal_chunks(200'000, 3e-5), 1024, {.cpus = 1025, .call = 1e-9, .line = 261e-9}),
        "claims and commits");
    EXPECT_EQ(limit_of(equal_chunks(640, 1e-2), 64, {.cpus = 8}), "CPUs shared");
    EXPECT_EQ(limit_of(equal_chunks(65, 1e-2), 64, {.cpus = 65}), "imbalance at the end");
}

TEST(Simulator, RefusesWhatMakesNoSense) {
    EXPECT_THROW((void)simulate({}, 0, {}), std::invalid_argument);
    EXPECT_THROW((void)simulate({}, 1, {.cpus = 0}), std::invalid_argument);
    EXPECT_THROW((void)simulate({}, 1, {.fold = -1}), std::invalid_argument);
    EXPECT_THROW((void)simulate({}, 1, {.slice = 0}), std::invalid_argument);
    EXPECT_THROW((void)simulate({.chunk_seconds = {-1}}, 1, {}), std::invalid_argument);
    EXPECT_THROW(
        (void)simulate({.chunk_seconds = {std::numeric_limits<double>::quiet_NaN()}}, 1, {}),
        std::invalid_argument);
    EXPECT_THROW((void)like_measured({}, 10, 1), std::invalid_argument);
}

TEST(Simulator, PredictsAMillionChunksForAThousandWorkers) {
    const Workload work = lognormal_chunks(1'000'000, 1e-3, 0.5, 1);
    const Prediction prediction = predict(work, std::vector{1024}, {}).at(0);
    EXPECT_LE(prediction.speedup, 1024);
    EXPECT_GT(prediction.speedup, 0.95 * 1024);
}

TEST(Simulator, PredictsAMachineWithACoreForEachWorker) {
    const std::vector<int> workers = powers_of_two();
    EXPECT_EQ(workers.size(), 11U);
    const auto predictions = predict(equal_chunks(32'768, 1e-3), workers, {.cpus = 2});
    ASSERT_EQ(predictions.size(), workers.size());
    for (std::size_t i = 0; i < workers.size(); ++i) {
        EXPECT_EQ(predictions[i].workers, workers[i]);
        EXPECT_LE(predictions[i].speedup, workers[i]);
        EXPECT_GT(predictions[i].speedup, 0.75 * workers[i]);
    }
}

TEST(Workload, HasTheTimesThatWereAskedFor) {
    EXPECT_EQ(equal_chunks(3, 0.5).chunk_seconds, (std::vector{0.5, 0.5, 0.5}));
    const auto chunks = lognormal_chunks(200'000, 2.0, 0.5, 3).chunk_seconds;
    const auto count = static_cast<double>(chunks.size());
    const double mean = std::accumulate(chunks.begin(), chunks.end(), 0.0) / count;
    double square = 0;
    for (const double chunk : chunks) {
        square += (chunk - mean) * (chunk - mean);
    }
    EXPECT_NEAR(mean, 2.0, 0.01);
    EXPECT_NEAR(std::sqrt(square / count) / mean, 0.5, 0.01);
    EXPECT_EQ(lognormal_chunks(5, 1, 0, 1).chunk_seconds, std::vector<double>(5, 1.0));
}

TEST(Workload, LikeAMeasuredOneKeepsItsTrend) {
    std::vector<double> measured(100);
    std::iota(measured.begin(), measured.end(), 1.0);
    const auto chunks = like_measured(measured, 1000, 5).chunk_seconds;
    for (std::size_t i = 0; i < chunks.size(); ++i) {
        EXPECT_NEAR(chunks[i], static_cast<double>(i) / 10, 5) << i;
    }
}

}  // namespace
}  // namespace pinfold::apps

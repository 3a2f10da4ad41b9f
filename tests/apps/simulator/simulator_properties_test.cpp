// What holds of any job in simulated time.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "free_of_charge.hpp"
#include "simulator/simulator.hpp"

namespace pinfold::apps {
namespace {

constexpr double rounding = 1e-9;  // of a sum

struct AnyJob {
    std::vector<double> chunks;
    int workers = 1;

    [[nodiscard]] double sum() const { return std::accumulate(chunks.begin(), chunks.end(), 0.0); }
    [[nodiscard]] double longest() const {
        return chunks.empty() ? 0 : *std::max_element(chunks.begin(), chunks.end());
    }
};

/// Chunks from 0.1 µs to 10 ms, which let batches grow and shrink, in stretches of a kind.
AnyJob any_job() {
    AnyJob job{.chunks = {}, .workers = *rc::gen::inRange(1, 40)};
    for (int stretch = *rc::gen::inRange(0, 6); stretch > 0; --stretch) {
        const double unit = std::pow(10.0, -*rc::gen::inRange(2, 7));
        const int count = *rc::gen::inRange(1, 400);
        const int spread = *rc::gen::inRange(0, 10);
        for (int i = 0; i < count; ++i) {
            job.chunks.push_back(unit * (1 + (i * 7919 % 10) * spread));
        }
    }
    return job;
}

Constants any_costs() {
    const auto some = [](double unit) { return unit * *rc::gen::inRange(0, 20); };
    return {.cpus = *rc::gen::inRange(1, 40),
            .is_bound = *rc::gen::arbitrary<bool>(),
            .numa_nodes = *rc::gen::inRange(1, 5),
            .workers_spin = *rc::gen::arbitrary<bool>(),
            .open = some(1e-6),
            .call = some(1e-6),
            .enter = some(1e-6),
            .batch = some(1e-8),
            .chunk = some(1e-9),
            .resume = some(1e-6),
            .line = some(1e-8),
            .look = some(1e-9),
            .split = some(1e-6),
            .report = some(1e-6),
            .fold = some(1e-9),
            .close = some(1e-6)};
}

// Nobody idles while a chunk has not begun, so what Graham showed in 1969 holds.
RC_GTEST_PROP(SimulatorOf, AnyJobWithoutCostsKeepsGrahamsBound, ()) {
    const AnyJob job = any_job();
    const double w = job.workers;
    const double seconds =
        simulate({.chunk_seconds = job.chunks}, job.workers, free_of_charge(job.workers + 1))
            .seconds;
    const double least = std::max(job.sum() / w, job.longest());
    RC_ASSERT(seconds >= least * (1 - rounding));
    RC_ASSERT(seconds <= (job.sum() / w + (1 - 1 / w) * job.longest()) * (1 + rounding));
    RC_ASSERT(seconds <= (2 - 1 / w) * least * (1 + rounding));
}

RC_GTEST_PROP(SimulatorOf, AnyJobRunsEachChunkOnceAndAddsUp, ()) {
    const AnyJob job = any_job();
    const Constants constants = any_costs();
    const Prediction prediction =
        simulate({.chunk_seconds = job.chunks, .chunks_sleep = *rc::gen::arbitrary<bool>()},
                 job.workers, constants);
    double terms = 0;
    for (const Term& term : prediction.terms) {
        RC_ASSERT(term.seconds >= 0);
        terms += term.seconds;
    }
    RC_ASSERT(std::abs(terms - prediction.seconds) <= rounding * (prediction.seconds + 1));
    const double busy = prediction.busy_seconds * job.workers;
    RC_ASSERT(std::abs(busy - job.sum()) <= rounding * (busy + 1));
    RC_ASSERT(prediction.batches <= job.chunks.size() + prediction.steals);
    RC_ASSERT(prediction.speedup <= job.workers * (1 + rounding) + 1);
}

RC_GTEST_PROP(SimulatorOf, AnyJobTakesNoLessThanItsCpusNeed, ()) {
    const AnyJob job = any_job();
    const Constants constants = any_costs();
    const double seconds = simulate({.chunk_seconds = job.chunks}, job.workers, constants).seconds;
    const double side_by_side = std::min(job.workers, constants.cpus);
    RC_ASSERT(seconds >= std::max(job.sum() / side_by_side, job.longest()) * (1 - rounding));
    RC_ASSERT(seconds >= constants.open + constants.close);
}

// One worker has no choice, so each cost can only add.
RC_GTEST_PROP(SimulatorOf, AnyJobOfOneWorkerTakesLongerWithEachCost, ()) {
    const AnyJob job = any_job();
    Constants constants = any_costs();
    constants.cpus = 2;
    const Workload work{.chunk_seconds = job.chunks};
    const double before = simulate(work, 1, constants).seconds;
    for (double Constants::*const cost :
         {&Constants::open, &Constants::call, &Constants::enter, &Constants::report,
          &Constants::fold, &Constants::close}) {
        Constants dearer = constants;
        dearer.*cost += 1e-6;
        RC_ASSERT(simulate(work, 1, dearer).seconds >= before * (1 - rounding));
    }
}

// Without costs a worker more harms equal chunks never.
RC_GTEST_PROP(SimulatorOf, EqualChunksGoNoSlowerWithAWorkerMore, ()) {
    const int workers = *rc::gen::inRange(1, 60);
    const std::vector<double> chunks(*rc::gen::inRange<std::size_t>(0, 3000),
                                     *rc::gen::element(1e-7, 1e-5, 1e-3));
    const auto seconds = [&](int count) {
        return simulate({.chunk_seconds = chunks}, count, free_of_charge(count + 1)).seconds;
    };
    const double chunk = chunks.empty() ? 0 : chunks.front();
    RC_ASSERT(seconds(workers + 1) <= seconds(workers) + chunk * (1 + rounding));
    RC_ASSERT(seconds(2 * workers) <= seconds(workers) * (1 + rounding));
}

}  // namespace
}  // namespace pinfold::apps

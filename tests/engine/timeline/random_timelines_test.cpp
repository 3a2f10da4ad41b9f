// Timelines of random jobs: whatever a job is like, its timeline is valid and whole.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <functional>
#include <pinfold/engine/chunk_seed.hpp>
#include <pinfold/pinfold.hpp>

#include "crews.hpp"
#include "timeline/checked_timeline.hpp"

namespace pinfold {
namespace {

struct Job {
    std::uint64_t seed = 0;
    unsigned deaths_in_1000 = 0;  // of the attempts at a chunk
    unsigned throws_in_1000 = 0;
};

std::uint64_t run_chunk(const Job& job, const Chunk& chunk) {
    const std::uint64_t chance = chunk_seed(job.seed, chunk.index) % 1000;
    if (chance < job.throws_in_1000) {
        throw std::runtime_error("by chance");
    }
    if ((chance + static_cast<unsigned>(getpid()) * 37U) % 1000 < job.deaths_in_1000) {
        raise(SIGKILL);
    }
    return chunk.size();
}

RC_GTEST_PROP(Timelines, OfRandomJobsAreValid, ()) {
    const Crew crew = *rc::gen::elementOf(testing::all_crews);
    const auto size = *rc::gen::inRange<std::uint64_t>(0, 3000);
    const auto grain = *rc::gen::inRange<std::uint64_t>(1, 40);
    const auto most_chunks = *rc::gen::elementOf(std::vector<std::uint64_t>{1, 50, 1U << 20});
    const bool may_die = crew == Crew::processes && *rc::gen::arbitrary<bool>();
    const Job job{*rc::gen::arbitrary<std::uint64_t>(), may_die ? 20U : 0U,
                  *rc::gen::elementOf(std::vector<unsigned>{0, 0, 1, 20})};
    const bool skips = *rc::gen::arbitrary<bool>();
    Phases<Job> phases;
    const auto phase_size = *rc::gen::inRange<std::uint64_t>(0, 100);
    if (*rc::gen::arbitrary<bool>()) {
        phases.add({.range = {0, phase_size}, .grain = 3, .bytes = 8},
                   [](const Job&, const Chunk&, const PhaseMemory&) {});
    }
    Pool pool = testing::make_pool(crew, *rc::gen::inRange(1, 4));
    Timeline timeline({.most_chunks = most_chunks});
    JobReport report;
    bool failed = false;
    try {
        const auto r = map_reduce(
            pool, Range{0, size}, job, phases,
            [](const Job& its_job, const Chunk& chunk, const PhaseMemory&) {
                return run_chunk(its_job, chunk);
            },
            std::plus<>{},
            JobOptions<std::uint64_t>{.grain = grain,
                                      .max_attempts = 100,
                                      .on_poison = skips ? OnPoison::skip : OnPoison::fail,
                                      .timeline = &timeline});
        report = r.report;
    } catch (const JobFailed&) {
        failed = true;
    }
    const testing::CheckedTimeline result = testing::check_timeline(timeline.to_chrome_json());
    RC_ASSERT(result.faults == std::vector<std::string>());
    RC_ASSERT(result.jobs.size() == 1U);
    const testing::CheckedJob& told = result.jobs.front();
    RC_ASSERT(told.outcome == (failed ? "failed" : "complete"));
    RC_ASSERT(timeline.chunks() <= most_chunks);
    if (!failed && told.one_in == 1) {
        RC_ASSERT(told.chunks + report.skipped.size() == report.chunks);
        RC_ASSERT(told.threw == report.skipped.size());
        RC_ASSERT(told.died + told.deaths == report.deaths);
    }
}

}  // namespace
}  // namespace pinfold

#include "jobs/job_series.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace pinfold::apps {
namespace {

using namespace std::chrono_literals;

JobResult<int> job(int value, double seconds, std::vector<WorkerReport> workers) {
    JobReport report;
    report.chunks = 10;
    report.restored = 2;
    report.attempts = 11;
    report.deaths = 1;
    report.seconds = seconds;
    report.phase_seconds = {seconds / 4, seconds / 2};
    report.workers = std::move(workers);
    report.skipped = {{.chunk = {{10, 20}, 1}}};
    return {value, report};
}

TEST(JobSeries, JoinsTheReports) {
    Pool pool({.crew = Crew::serial});
    JobSeries jobs(pool, {});
    EXPECT_EQ(jobs.take(job(7, 2, {{.worker = 0, .pid = 5, .chunks = 10, .busy_seconds = 1}})), 7);
    EXPECT_EQ(jobs.take(job(8, 4,
                            {{.worker = 0, .pid = 5, .chunks = 6, .busy_seconds = 2},
                             {.worker = 0, .pid = 9, .chunks = 4, .busy_seconds = 1}})),
              8);
    const JobReport& all = jobs.report();
    EXPECT_EQ(all.chunks, 20U);
    EXPECT_EQ(all.restored, 4U);
    EXPECT_EQ(all.attempts, 22U);
    EXPECT_EQ(all.deaths, 2U);
    EXPECT_EQ(all.seconds, 6);
    EXPECT_EQ(all.phase_seconds, (std::vector<double>{0.5, 1, 1, 2}));
    EXPECT_EQ(all.skipped.size(), 2U);
    ASSERT_EQ(all.workers.size(), 2U);
    EXPECT_EQ(all.workers[0].chunks, 16U);
    EXPECT_EQ(all.workers[0].busy_seconds, 3);
    EXPECT_EQ(all.workers[1].pid, 9);
}

TEST(JobSeries, LeavesTheRestOfTheDeadlineToTheNextJob) {
    Pool pool({.crew = Crew::serial});
    JobSeries jobs(pool, {.deadline = 10s});
    (void)jobs.take(job(0, 4, {}));
    EXPECT_EQ(jobs.settings().deadline, 6s);
    (void)jobs.take(job(0, 7, {}));
    EXPECT_EQ(jobs.settings().deadline, 1ns);
}

TEST(JobSeries, WithoutADeadlineNeverGetsOne) {
    Pool pool({.crew = Crew::serial});
    JobSeries jobs(pool, {});
    (void)jobs.take(job(0, 4, {}));
    EXPECT_EQ(jobs.settings().deadline, 0s);
}

}  // namespace
}  // namespace pinfold::apps

#pragma once

#include <chrono>
#include <pinfold/engine/job_result.hpp>
#include <pinfold/engine/options.hpp>
#include <pinfold/engine/pool.hpp>
#include <utility>

namespace pinfold::apps {

/// What a job of `seconds` leaves of a deadline, for the job that follows it; zero is none.
[[nodiscard]] std::chrono::nanoseconds left_of(std::chrono::nanoseconds deadline, double seconds);

/// Jobs that a command runs one after another, which the user sees as one: they share the deadline,
/// and their reports are joined. Not thread-safe.
class JobSeries {
  public:
    /// The pool must outlive the series.
    JobSeries(Pool& pool, JobSettings settings) : pool_(&pool), settings_(std::move(settings)) {}

    [[nodiscard]] Pool& pool() const noexcept { return *pool_; }

    /// The settings of the next job: its deadline is what the others have left of the whole.
    [[nodiscard]] const JobSettings& settings() const noexcept { return settings_; }

    /// Takes the next job's report, and gives its value.
    template <typename R>
    [[nodiscard]] R take(JobResult<R> result) {
        add(result.report);
        return std::move(result.value);
    }

    /// All reports taken so far as one: counts and times added up, the phases of all jobs in a row,
    /// one row a worker process.
    [[nodiscard]] const JobReport& report() const noexcept { return report_; }

  private:
    void add(const JobReport& report);

    Pool* pool_;
    JobSettings settings_;
    JobReport report_;
};

}  // namespace pinfold::apps

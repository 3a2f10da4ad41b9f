#include "jobs/job_series.hpp"

#include <algorithm>
#include <chrono>

namespace pinfold::apps {

namespace {

template <typename T>
void append(std::vector<T>& to, const std::vector<T>& more) {
    to.insert(to.end(), more.begin(), more.end());
}

void add_worker(std::vector<WorkerReport>& workers, const WorkerReport& more) {
    // A worker that died has another process from then on, and another row.
    const auto same = std::ranges::find_if(workers, [&](const WorkerReport& worker) {
        return worker.worker == more.worker && worker.pid == more.pid;
    });
    if (same == workers.end()) {
        workers.push_back(more);
        return;
    }
    same->chunks += more.chunks;
    same->busy_seconds += more.busy_seconds;
}

}  // namespace

std::chrono::nanoseconds left_of(std::chrono::nanoseconds deadline, double seconds) {
    using std::chrono::nanoseconds;
    if (deadline.count() == 0) {
        return deadline;
    }
    // Zero would be no deadline at all; a nanosecond ends the next job at once.
    const std::chrono::duration<double> spent(seconds);
    return std::max(nanoseconds(1), deadline - std::chrono::duration_cast<nanoseconds>(spent));
}

void JobSeries::add(const JobReport& report) {
    report_.chunks += report.chunks;
    report_.restored += report.restored;
    report_.attempts += report.attempts;
    report_.deaths += report.deaths;
    report_.seconds += report.seconds;
    report_.pool_seconds = std::max(report_.pool_seconds, report.pool_seconds);
    append(report_.phase_seconds, report.phase_seconds);
    append(report_.skipped, report.skipped);
    append(report_.latest_deaths, report.latest_deaths);
    if (report_.journal_lost.empty()) {
        report_.journal_lost = report.journal_lost;
    }
    for (const WorkerReport& worker : report.workers) {
        add_worker(report_.workers, worker);
    }
    settings_.deadline = left_of(settings_.deadline, report.seconds);
}

}  // namespace pinfold::apps

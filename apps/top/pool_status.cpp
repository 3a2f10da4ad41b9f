#include "top/pool_status.hpp"

#include <algorithm>
#include <cstring>
#include <limits>
#include <pinfold/engine/detail/status_page.hpp>
#include <pinfold/engine/limits.hpp>

namespace pinfold::apps {

namespace {

using detail::StatusHead;
using detail::StatusJob;
using detail::StatusWorker;

template <typename T>
T read_at(std::span<const std::byte> copy, std::size_t at) {
    T value;
    std::memcpy(&value, copy.data() + at, sizeof(T));
    return value;
}

std::uint64_t sequence_of(std::span<const std::byte> copy) {
    return read_at<std::uint64_t>(copy, offsetof(StatusHead, sequence));
}

// 2^22 chunks of the job's own and some phases.
constexpr std::uint64_t most_chunks = std::uint64_t{1} << 40;
constexpr int most_cpus = 1 << 16;

double seconds_between(std::int64_t began_ns, std::int64_t ended_ns) {
    const bool is_possible = began_ns > 0 && ended_ns > began_ns;
    return is_possible ? static_cast<double>(ended_ns - began_ns) * 1e-9 : 0;
}

JobStatus job_of(const StatusJob& line, std::int64_t now_ns) {
    JobStatus job;
    job.job = line.job;
    job.seconds = seconds_between(line.began_ns, now_ns);
    job.chunks = std::min(line.chunks, most_chunks);
    job.done = std::min(line.done, job.chunks);
    job.retries = std::min(line.retries, most_chunks);
    return job;
}

WorkerStatus worker_of(const StatusWorker& line, const PoolStatus& pool) {
    WorkerStatus worker;
    worker.pid = std::max(line.pid, 0);
    worker.cpu = line.cpu >= 0 && line.cpu < most_cpus ? line.cpu : -1;
    worker.task.assign(line.task.begin(), std::ranges::find(line.task, '\0'));
    const auto job = std::ranges::find(pool.jobs, line.job, &JobStatus::job);
    if (job == pool.jobs.end()) {
        return worker;
    }
    worker.job = line.job;
    if (line.chunk < most_chunks) {
        worker.chunk = line.chunk;
    }
    worker.chunks = std::min(line.chunks, job->chunks);
    worker.busy_seconds = std::clamp(static_cast<double>(line.busy_ns) * 1e-9, 0.0, job->seconds);
    return worker;
}

}  // namespace

std::size_t most_status_bytes() noexcept {
    return detail::status_bytes(max_workers);
}

bool is_torn(std::span<const std::byte> copy) noexcept {
    return copy.size() >= sizeof(StatusHead) && sequence_of(copy) % 2 != 0;
}

std::optional<PoolStatus> read_status(std::span<const std::byte> copy) {
    if (copy.size() < sizeof(StatusHead) ||
        std::memcmp(copy.data(), detail::status_magic.data(), detail::status_magic.size()) != 0 ||
        read_at<std::uint32_t>(copy, offsetof(StatusHead, version)) != detail::status_version) {
        return std::nullopt;
    }
    const auto workers = read_at<std::uint32_t>(copy, offsetof(StatusHead, workers));
    if (workers == 0 || workers > max_workers || copy.size() < detail::status_bytes(workers)) {
        return std::nullopt;
    }
    PoolStatus pool;
    pool.supervisor = read_at<std::int32_t>(copy, offsetof(StatusHead, supervisor));
    pool.host = read_at<std::int32_t>(copy, offsetof(StatusHead, host));
    if (pool.supervisor <= 0 || pool.host <= 0) {
        return std::nullopt;
    }
    pool.updated_ns = read_at<std::int64_t>(copy, offsetof(StatusHead, updated_ns));
    pool.seconds = seconds_between(read_at<std::int64_t>(copy, offsetof(StatusHead, began_ns)),
                                   pool.updated_ns);
    pool.deaths = read_at<std::uint64_t>(copy, offsetof(StatusHead, deaths));
    const auto told = read_at<std::uint32_t>(copy, offsetof(StatusHead, told_jobs));
    const auto jobs = std::min(told, detail::most_status_jobs);
    pool.open_jobs = std::max(read_at<std::uint32_t>(copy, offsetof(StatusHead, open_jobs)), jobs);
    pool.tasks_started = read_at<std::uint64_t>(copy, offsetof(StatusHead, tasks_started));
    pool.tasks_waiting = read_at<std::uint64_t>(copy, offsetof(StatusHead, tasks_waiting));
    std::size_t at = sizeof(StatusHead);
    for (std::uint32_t i = 0; i < jobs; ++i, at += sizeof(StatusJob)) {
        pool.jobs.push_back(job_of(read_at<StatusJob>(copy, at), pool.updated_ns));
    }
    at = detail::status_bytes(0);
    for (std::uint32_t i = 0; i < workers; ++i, at += sizeof(StatusWorker)) {
        pool.workers.push_back(worker_of(read_at<StatusWorker>(copy, at), pool));
    }
    return pool;
}

}  // namespace pinfold::apps

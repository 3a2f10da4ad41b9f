#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace pinfold::apps {

/// A worker of a pool, as its supervisor tells.
struct WorkerStatus {
    int pid = 0;   ///< 0 while there is none
    int cpu = -1;  ///< that it is bound to, or -1
    std::optional<std::uint64_t> job;
    std::optional<std::uint64_t> chunk;  ///< that it is at, those of phases counted first
    std::uint64_t chunks = 0;            ///< over by it, of that job
    double busy_seconds = 0;             ///< with that job
    std::string task{};                  ///< that it is at, or empty; any bytes

    friend bool operator==(const WorkerStatus&, const WorkerStatus&) = default;
};

/// A job that runs.
struct JobStatus {
    std::uint64_t job = 0;  ///< its number in the pool
    double seconds = 0;     ///< since its begin
    std::uint64_t chunks = 0;
    std::uint64_t done = 0;
    std::uint64_t retries = 0;

    friend bool operator==(const JobStatus&, const JobStatus&) = default;
};

/// What a pool's status page says.
struct PoolStatus {
    int supervisor = 0;  ///< its pid, and the host's, as the pool's own processes see them
    int host = 0;
    std::int64_t updated_ns = 0;  ///< of the monotonic clock
    double seconds = 0;           ///< of the pool's life, at that time
    std::uint64_t deaths = 0;
    std::uint64_t open_jobs = 0;      ///< of which up to 8 are told
    std::uint64_t tasks_started = 0;  ///< attempts, ever
    std::uint64_t tasks_waiting = 0;  ///< submitted and not begun, about
    std::vector<JobStatus> jobs;
    std::vector<WorkerStatus> workers;

    friend bool operator==(const PoolStatus&, const PoolStatus&) = default;
};

/// The bytes of the largest page there can be.
[[nodiscard]] std::size_t most_status_bytes() noexcept;

/// Whether the page was being written when it was copied, so that another copy is needed.
[[nodiscard]] bool is_torn(std::span<const std::byte> copy) noexcept;

/// Reads a copy of a page. Anybody may make a file of that name: what is not such a page, or says
/// what no pool can be, gives nothing. Numbers that contradict each other, as a page that was torn
/// has them, are cut to what is possible.
[[nodiscard]] std::optional<PoolStatus> read_status(std::span<const std::byte> copy);

}  // namespace pinfold::apps

#pragma once

// What a supervisor tells of its pool, for `pinfold top`: a memfd of its own, of this name, which
// only it maps. Whoever may open /proc/<supervisor>/fd reads it there, and nothing else of the
// pool: a look at the arena would allocate pages and keep it alive. Not for users.
//
// One writer, and readers that may come at any moment and trust nothing: they copy it, and take the
// copy if `sequence` was even and is the same after it. Numbers are in the machine's byte order,
// times nanoseconds of the monotonic clock, pids as the pool's own processes see them. Behind the
// head lie the lines of jobs, and then one for each worker: one page up to 54 workers, more pages
// beyond.

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <span>
#include <type_traits>

namespace pinfold::detail {

inline constexpr const char* status_page_name = "pinfold-status";
inline constexpr std::array<char, 16> status_magic{"pinfold-status"};
inline constexpr std::uint32_t status_version = 1;
inline constexpr std::uint32_t most_status_jobs = 8;  // that are told at the same time

struct StatusHead {
    std::array<char, 16> magic = status_magic;
    std::uint32_t version = status_version;
    std::uint32_t workers = 0;
    std::int32_t supervisor = 0;
    std::int32_t host = 0;
    std::int64_t began_ns = 0;               // when the workers were forked
    std::atomic<std::uint64_t> sequence{0};  // odd while the rest is written
    std::int64_t updated_ns = 0;
    std::uint64_t deaths = 0;  // of workers, since then
    std::uint32_t open_jobs = 0;
    std::uint32_t told_jobs = 0;      // lines that count
    std::uint64_t tasks_started = 0;  // attempts, ever
    std::uint64_t tasks_waiting = 0;  // submitted and not begun, about
    std::array<std::uint64_t, 5> reserved{};
};
static_assert(sizeof(StatusHead) == 128);

/// A job that runs.
struct StatusJob {
    std::uint64_t job = 0;  // its number in the pool, from 1 on
    std::int64_t began_ns = 0;
    std::uint64_t chunks = 0;  // to run, with those of all phases
    std::uint64_t done = 0;
    std::uint64_t retries = 0;  // chunks that a death opened again
    std::array<std::uint64_t, 3> reserved{};
};
static_assert(sizeof(StatusJob) == 64);

struct StatusWorker {
    static constexpr std::uint64_t no_chunk = ~std::uint64_t{0};

    std::int32_t pid = 0;  // 0 while there is none
    std::int32_t cpu = -1;
    std::uint64_t job = 0;           // that it is on, or 0
    std::uint64_t chunk = no_chunk;  // that it is at, those of phases counted first
    std::uint64_t chunks = 0;        // over by it, of that job
    std::int64_t busy_ns = 0;        // with batches of that job, as far as they are over
    std::array<char, 24> task{};     // the name of the task that it is at, or empty
};
static_assert(sizeof(StatusWorker) == 64);

inline constexpr std::size_t status_bytes(std::size_t workers) noexcept {
    return sizeof(StatusHead) + most_status_jobs * sizeof(StatusJob) +
           workers * sizeof(StatusWorker);
}
static_assert(status_bytes(54) == 4096);
static_assert(std::is_trivially_destructible_v<StatusHead>);

/// The lines, for whoever fills them.
struct StatusLines {
    std::span<StatusJob> jobs;
    std::span<StatusWorker> workers;
    std::uint32_t open_jobs = 0;
    std::uint32_t told_jobs = 0;
    std::uint64_t tasks_started = 0;
    std::uint64_t tasks_waiting = 0;
    bool has_tasks = false;  // that wait or run
};

}  // namespace pinfold::detail

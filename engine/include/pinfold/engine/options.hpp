#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <pinfold/engine/journal.hpp>
#include <pinfold/engine/limits.hpp>
#include <stop_token>
#include <string>
#include <string_view>

namespace pinfold {

/// How a pool's workers come to exist.
enum class Crew {
    serial,     ///< the calling thread alone
    threads,    ///< threads of a TBB arena; a crash of a map ends the program
    processes,  ///< forked processes; a crash of a map costs the time of its chunk
};

/// "serial", "threads" or "processes".
[[nodiscard]] std::string_view to_string(Crew crew) noexcept;

/// The crew of that name; throws std::invalid_argument that lists the names for any other text.
[[nodiscard]] Crew parse_crew(std::string_view name);

/// What a Pool is made with. The defaults suit a machine that runs nothing else.
struct PoolOptions {
    Crew crew = Crew::processes;

    /// How many workers; 0 takes one for each usable physical core. At most max_workers.
    int workers = 0;

    /// Where workers run: "cores", "compact" or "scatter", each optionally with "@numa:N", "none",
    /// or an explicit list of CPUs such as "0,2,4-7". See docs/architecture.md.
    std::string pin = "cores";

    /// Address space kept for the pool's arrays; only what is used takes memory. 0 takes as much as
    /// the machine has memory.
    std::size_t arena_bytes = 0;

    /// The private memory that a worker may add to what it inherited; 0 is no limit. Only for
    /// Crew::processes, and not under AddressSanitizer. A map beyond it sees std::bad_alloc.
    std::size_t worker_memory_limit = 0;

    /// Called once in every new worker before its first chunk. Only for Crew::processes. A worker
    /// whose initializer throws or crashes is started again a few times, then the pool is broken.
    std::function<void()> initializer{};

    /// A worker that has run this many chunks, or up to a batch of short ones more, ends and is
    /// replaced; 0 is never. Only for Crew::processes: it bounds what a leaking map can hold.
    std::uint64_t max_chunks_per_worker = 0;
};

/// What happens to a job with a chunk that used up its attempts.
enum class OnPoison {
    fail,  ///< the job ends with JobFailed
    skip,  ///< the other chunks are finished and the report lists the skipped ranges
};

/// How far a job is; see JobSettings::progress.
struct Progress {
    std::uint64_t chunks_done = 0;   ///< of all phases
    std::uint64_t chunks_total = 0;  ///< of all phases
};

/// What a single job is run with, whatever its result's type.
struct JobSettings {
    /// Integers or elements in a chunk; 0 takes the default, about 4096 chunks.
    std::uint64_t grain = 0;

    /// About how long a chunk takes longer when its worker did not run the one before it, for maps
    /// that go on from there. Workers then take so many chunks in a row that it is little beside
    /// them. A hint: the value does not depend on it.
    std::chrono::nanoseconds chunk_set_up{0};

    /// How often a chunk may be started before it counts as poison, 1 to most_attempts.
    int max_attempts = 3;

    OnPoison on_poison = OnPoison::fail;

    /// A chunk that runs longer is killed with its worker, which counts as an attempt; zero is no
    /// deadline. Only for Crew::processes.
    std::chrono::nanoseconds chunk_deadline{0};

    /// A job that runs longer ends with Timeout; zero is no deadline. Chunks that have started are
    /// waited for, unless `kill` is set.
    std::chrono::nanoseconds deadline{0};

    /// A stop request ends the job with Cancelled, in the same way.
    std::stop_token stop{};

    /// At a stop or the deadline, kill the workers that run this job's chunks rather than wait for
    /// them. Only for Crew::processes.
    bool kill = false;

    /// Keeps the results of chunks in a file; see JournalOptions.
    JournalOptions journal{};

    /// Called in the calling thread about ten times a second, and once at the end.
    std::function<void(const Progress&)> progress{};
};

/// JobSettings and the value that the fold starts from.
template <typename R>
struct JobOptions : JobSettings {
    R init{};
};

}  // namespace pinfold

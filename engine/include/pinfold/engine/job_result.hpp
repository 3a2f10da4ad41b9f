#pragma once

#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/errors.hpp>
#include <string>
#include <vector>

namespace pinfold {

/// What one worker did for one job.
struct WorkerReport {
    int worker = 0;
    int pid = 0;               ///< its process; the calling process for serial and threads
    int cpu = -1;              ///< the CPU that it is bound to, or -1; the CPU of a binding may go
    std::uint64_t chunks = 0;  ///< committed by it, over all phases
    double busy_seconds = 0;   ///< the time that its batches took
};

/// What the workers of one NUMA node did for a job. A chunk is local when it lies in the part of
/// the node whose worker committed it: there lie the pages of arrays that are spread, see Pages.
struct NodeReport {
    int node = -1;                    ///< the system's number; -1 when it is not known
    int workers = 0;                  ///< of the pool
    std::uint64_t local_chunks = 0;   ///< committed by them, of their own node's part
    std::uint64_t remote_chunks = 0;  ///< of the parts of other nodes
    std::uint64_t local_bytes = 0;    ///< of the input's and output's elements in local chunks
    std::uint64_t remote_bytes = 0;   ///< of those in remote chunks
};

/// What the pool asked of the system for the pages of its large arrays and results so far, and what
/// came of it. A pool with workers on one node asks for nothing unless an array's options do.
struct PagesReport {
    std::uint64_t asked_bytes = 0;   ///< that were to lie on nodes of the pool's choice
    std::uint64_t placed_bytes = 0;  ///< of these, what the system took the request for
    std::string refused{};           ///< why it refused the rest, by the latest refusal, or empty
};

/// How a job went.
struct JobReport {
    std::uint64_t chunks = 0;    ///< of all phases
    std::uint64_t restored = 0;  ///< taken from the journal instead of being run
    std::uint64_t attempts = 0;  ///< starts of chunks, also those that a death ended
    std::uint64_t deaths = 0;    ///< workers that ended while the job ran
    double seconds = 0;
    double pool_seconds = 0;            ///< that making the pool took, once for all of its jobs
    std::vector<double> phase_seconds;  ///< one for each phase, the job's own chunks last
    std::vector<WorkerReport> workers;  ///< those that committed at least one chunk

    std::vector<NodeReport> nodes;  ///< where workers are on several; on one all is local
    PagesReport pages;              ///< of the pool's memory

    /// With OnPoison::skip, in ascending order; the value is then incomplete. Reasons of up to 2048
    /// chunks are kept, of fewer where the arena is short. One beyond them is listed with "not
    /// kept" for its exception_text, and no exception_type.
    std::vector<ChunkFailure> skipped;

    std::string journal_lost{};  ///< why the journal does not hold all that was done, or empty

    /// How workers ended that the job outlived, the oldest first: "signal 9 (Killed)" is also what
    /// the system's OOM killer does. The newest: at most 128, and as many of each merge by keys.
    std::vector<Death> latest_deaths{};
};

/// A job's value and its report.
template <typename R>
struct JobResult {
    R value{};
    JobReport report;
};

/// An element that was found; see min_element().
template <typename V>
struct Found {
    std::uint64_t at = 0;  ///< its place in the array, or the number of the range
    V value{};             ///< what the function returned for it

    friend bool operator==(const Found&, const Found&) = default;
};

}  // namespace pinfold

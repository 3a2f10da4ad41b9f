#pragma once

#include <memory>
#include <pinfold/engine/options.hpp>

#include "harness/runner.hpp"

namespace bench {

/// A plain loop in the caller, which folds as it goes.
std::unique_ptr<Runner> make_plain();

/// The same with each result written first, and then folded: what a chunk costs without a claim.
std::unique_ptr<Runner> make_bare_loop();

/// A pinfold pool of `workers`, pinned to cores.
std::unique_ptr<Runner> make_pinfold(pinfold::Crew crew, int workers);

/// The same, with a timeline for each job.
std::unique_ptr<Runner> make_traced_pinfold(pinfold::Crew crew, int workers);

// The peers run on `threads` threads, the caller's own included.

/// oneTBB's parallel_deterministic_reduce, which folds in a fixed tree, cut by simple_partitioner.
std::unique_ptr<Runner> make_tbb_reduce(int threads);

/// oneTBB's parallel_for into an array of results, cut by simple_partitioner, and then a loop.
std::unique_ptr<Runner> make_tbb_for(int threads);

/// OpenMP's parallel for, schedule(dynamic), into an array of results, and then a loop.
std::unique_ptr<Runner> make_openmp(int threads);

/// ForkUnion's for_n_dynamic into an array of results, and then a loop. Empty when this was built
/// without PINFOLD_FORK_UNION_DIR.
MakeRunner fork_union(int threads);

/// How bare processes wait for each other.
enum class Handshake {
    spin,   ///< look until it is so: the quickest there is, a CPU each
    futex,  ///< sleep, and be woken by a system call
};

/// The least that can be called a crew of processes: the caller and forked children take batches of
/// 16 chunks from one counter. Nothing is known of who runs what: a child's death is a hang.
std::unique_ptr<Runner> make_bare_processes(Handshake handshake, int processes);

/// Two processes on two CPUs hand one word there and back: a cache line's round trip. The caller
/// then runs the job's chunks itself.
std::unique_ptr<Runner> make_line_round_trip();

}  // namespace bench

#pragma once

#include <cstdint>
#include <memory>
#include <pinfold/engine/options.hpp>

#include "harness/runner.hpp"

namespace bench {

// These runners take each chunk of a job as a task of its own: somebody submits it, and somebody
// else runs it. At most `in_flight` tasks have been submitted and not been waited for.

/// pinfold's submit() and Future::get(), on a pool pinned to cores. At its end it checks that the
/// arena and this process hold no more than after the first job.
std::unique_ptr<Runner> make_pinfold_tasks(pinfold::Crew crew, int workers,
                                           std::uint64_t in_flight);

/// oneTBB's task_group, which is waited for whenever `in_flight` tasks were run. Its caller runs
/// tasks too, and is one of the `threads`.
std::unique_ptr<Runner> make_tbb_task_group(int threads, std::uint64_t in_flight);

/// oneTBB's task_arena::enqueue(). The caller waits for one task after the other: it spins, then
/// sleeps. The `threads` are others.
std::unique_ptr<Runner> make_tbb_enqueue(int threads, std::uint64_t in_flight);

/// The barest table of tasks that two processes can have: a slot for each task in flight, one word
/// a slot, and a bell for each side, which spins before it sleeps. A death is a hang.
std::unique_ptr<Runner> make_slot_ring(std::uint64_t in_flight);

/// Two processes on two CPUs wake each other by a futex, once there and back: the floor for a task
/// whose worker sleeps. The caller then runs the job's chunks itself.
std::unique_ptr<Runner> make_futex_ping_pong();

/// Python's pools, by the names that their users know.
enum class PythonPool {
    multiprocessing_pool,
    multiprocessing_thread_pool,
    thread_pool_executor,
    process_pool_executor,
};

/// A pool of Python's with two workers, timed by Python itself. A job of more tasks than
/// most_python_tasks runs that many, and its time is scaled. Empty where there is no python3.
MakeRunner python_pool(PythonPool pool, std::uint64_t in_flight);

inline constexpr std::uint64_t most_python_tasks = 500;

}  // namespace bench

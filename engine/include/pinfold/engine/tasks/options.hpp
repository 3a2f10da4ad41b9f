#pragma once

#include <chrono>
#include <pinfold/api.hpp>
#include <stop_token>
#include <string_view>

namespace pinfold {

class Timeline;

/// What a single task is run with. A call takes the names in braces, before the function:
/// `pool.submit({.deadline = 5s, .name = "shrink"}, shrink, file)`.
struct TaskOptions {
    /// How long an attempt may run, from its start to its result; zero is no deadline. What it
    /// waits for, and what it runs meanwhile for tasks of its own, counts. An attempt that runs
    /// longer is killed with its worker. Only for Crew::processes.
    std::chrono::nanoseconds deadline{0};

    /// How often the task may be started, 1 to most_attempts. It starts again where its worker
    /// died, and does again what it did to shared objects; what it throws is final.
    int max_attempts = 3;

    /// One attempt, whatever max_attempts says: for what may not happen twice.
    bool must_not_run_twice = false;

    /// Whether cancel() kills the worker of a task that runs already. Only for Crew::processes.
    bool kill_on_cancel = false;

    /// What reports, errors and `pinfold top` call the task; they show its first 23 bytes.
    std::string_view name{};

    /// How long submit() may wait while all of PoolOptions::task_slots are taken; then it throws
    /// Timeout. 0 does not wait; less than 0 is no limit.
    std::chrono::nanoseconds room_within{-1};

    /// A stop request ends that wait with Cancelled. A task that was submitted is not stopped.
    std::stop_token stop{};

    /// Records when the task ran, and where; see timeline.hpp. It outlives the task: until the
    /// Future is done, or, where that was dropped, the pool is gone. In a worker process, one of
    /// the host is refused.
    Timeline* timeline = nullptr;
};

}  // namespace pinfold

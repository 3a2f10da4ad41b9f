#pragma once

// What whoever looks after the workers wants to know of their tasks; see board/oversight.hpp, whose
// rules are the same. Each task on a worker's stack has its own deadline: what lies above it runs
// on its time.

#include <cstdint>
#include <pinfold/engine/detail/status_page.hpp>

#include "tasks/task_table.hpp"

namespace pinfold::detail {

[[nodiscard]] std::int64_t deadline_ns_of(const TaskTable& table, WorkerNumber worker,
                                          std::uint32_t level) noexcept;

/// Notes that the caller ticks for it.
[[nodiscard]] std::int64_t shortest_deadline_ns(TaskTable& table) noexcept;

[[nodiscard]] bool condemn(TaskTable& table, WorkerNumber worker, std::uint64_t doing) noexcept;

/// The same for a worker that is on a task which is to be killed.
[[nodiscard]] bool condemn_marked(TaskTable& table, WorkerNumber worker) noexcept;

/// Writes what the workers are at, by the names of their tasks, and how many tasks there are. What
/// it reads may change meanwhile.
void tell_of_tasks(const TaskTable& table, StatusLines& lines) noexcept;

/// Wakes all who wait for tasks, so that they see that the pool is broken.
void wake_task_waiters(TaskTable& table) noexcept;

}  // namespace pinfold::detail

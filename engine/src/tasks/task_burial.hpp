#pragma once

#include "tasks/task_table.hpp"
#include "worker_death.hpp"

namespace pinfold::detail {

/// Undoes what the dead worker had begun among the tasks: each that lay on its stack is ready
/// again, or over; what it had submitted and nobody waits for any more does not run. Before the
/// burial of the worker's party in the heap: what that is to free it holds afterwards.
void bury_tasks(TaskTable& table, WorkerNumber worker, const WorkerDeath& death) noexcept;

/// Frees what of the worker's own lane is over, when its party is buried, and clears its line for
/// the successor.
void clear_up_tasks(TaskTable& table, WorkerNumber worker) noexcept;

}  // namespace pinfold::detail

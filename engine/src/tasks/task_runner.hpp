#pragma once

// How a worker takes tasks and runs them.
//
//   a lane's queue ─► claim ─► call ─► commit ─► ring for who waits
//                       ▲                │
//        run_here() ────┘                └── nobody wants it: discard and free
//
// What becomes of a task when its worker dies stands in task_burial.cpp.

#include <cstdint>
#include <memory>

#include "tasks/task_blocks.hpp"
#include "tasks/task_owner.hpp"
#include "tree/work.hpp"

namespace pinfold::detail {

/// A worker at its tasks. It is made before the crew, and used by its worker alone.
class TaskRunner {
  public:
    TaskRunner(TaskTable& table, WorkerNumber worker);

    /// Takes and runs a task of any open lane, of the worker's own first. Returns whether there was
    /// one.
    bool run_next();

    /// Claims a task of the worker's own lane if its word is still `seen`, which says that it is
    /// ready, and runs it above what the worker is at. Returns whether it did. Throws
    /// std::runtime_error where `most_inline` tasks lie in each other.
    bool run_here(const TaskSlotId& id, const TaskState& seen);

    /// The same for a task that what the worker is at has submitted and that is ready, if there is
    /// one.
    bool run_own_child();

    /// What the worker is at: the parent of what is submitted here. Without a lane: no task.
    [[nodiscard]] TaskSlotId running() const noexcept;
    [[nodiscard]] std::uint32_t depth() const noexcept;

    /// Whether the worker is to end, because a task of its found no memory.
    [[nodiscard]] bool is_spent() const noexcept;

    /// The worker's own lane.
    [[nodiscard]] TaskOwner& owner() noexcept { return owner_; }
    [[nodiscard]] TaskTable& table() const noexcept { return table_; }
    [[nodiscard]] WorkerNumber worker() const noexcept { return worker_; }

    /// For the client of this worker, of which the runner knows nothing.
    std::shared_ptr<void> client;

  private:
    [[nodiscard]] bool run_worker_lanes();
    [[nodiscard]] bool run_any_of(std::uint32_t lane);
    [[nodiscard]] bool run_scanned(std::uint32_t lane);
    void close(std::uint32_t lane);
    void push(const TaskSlotId& id) noexcept;
    void pop() noexcept;
    [[nodiscard]] bool claim_pushed(const TaskSlotId& id, TaskState seen) noexcept;
    void run_claimed(const TaskSlotId& id, bool is_inline);
    [[nodiscard]] bool call(const TaskSlotId& id, TaskSlot& slot, TaskBlocks& blocks);
    [[nodiscard]] bool ends_for_lack_of_memory(const TaskSlotId& id, const TaskSlot& slot) noexcept;
    void commit(const TaskSlotId& id, TaskSlot& slot, TaskBlocks& blocks) noexcept;
    void begin_timed(std::int64_t deadline_ns) noexcept;
    void heed_condemnation() const noexcept;

    TaskTable& table_;
    TaskLine& line_;
    const WorkerNumber worker_;
    TaskOwner owner_;
    std::uint32_t next_lane_ = 0;
    std::uint64_t host_tail_ = 0;  // of the host's lane, when last looked at
    std::uint32_t looks_ = 0;
    std::uint64_t starts_before_ = ~std::uint64_t{0};  // of workers before this one
};

/// The runner of the worker that the calling thread is, inside a map or a task; else nullptr.
[[nodiscard]] TaskRunner* runner_here() noexcept;

}  // namespace pinfold::detail

#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/shm/heap.hpp>

#include "tasks/task_table.hpp"
#include "tree/workforce.hpp"

namespace pinfold::detail {

/// The memory of a pool's tasks, which its host, supervisor and workers share from the pool's birth
/// on. It is a mapping of its own beside the arena, so that a small arena is the user's whole. Only
/// what is used takes memory: some 256 bytes a task at a time.
class TaskMemory {
  public:
    /// For `host_slots` tasks of the host at a time. Throws std::system_error where there is no
    /// address space.
    TaskMemory(Workforce& workforce, std::uint32_t host_slots, shm::Heap* heap,
               bool workers_may_die);
    ~TaskMemory();
    TaskMemory(const TaskMemory&) = delete;
    TaskMemory& operator=(const TaskMemory&) = delete;

    [[nodiscard]] TaskTable& table() const noexcept { return *table_; }

  private:
    void* memory_ = nullptr;
    std::size_t bytes_ = 0;
    TaskTable* table_ = nullptr;
};

}  // namespace pinfold::detail

#pragma once

#include "worker_number.hpp"

namespace pinfold::detail {

/// Says that the calling thread is inside a map, or a task, of a worker.
class InMap {
  public:
    explicit InMap(const WorkerHere& worker) noexcept;
    ~InMap();
    InMap(const InMap&) = delete;
    InMap& operator=(const InMap&) = delete;

  private:
    const bool is_outermost_;  // a serial job may run inside a map, on the worker of that
};

/// Whether the calling thread is inside a map of some job, or a task.
[[nodiscard]] bool inside_map() noexcept;

/// The worker whose map it is, if so. Of a map inside a map that of the outer one.
[[nodiscard]] WorkerHere worker_in_map() noexcept;

}  // namespace pinfold::detail

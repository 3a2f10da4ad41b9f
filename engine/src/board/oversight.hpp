#pragma once

// What whoever looks after the workers wants to know of them, and asks of the boards.

#include <cstdint>

#include "board/board.hpp"

namespace pinfold::detail {

/// The shortest chunk deadline of the jobs that workers are on or may join, or 0. Closed boards
/// count too: a worker may hang on one whose job was stopped.
[[nodiscard]] std::int64_t shortest_deadline_ns(const BoardTable& table) noexcept;

/// The chunk deadline of the job that the worker is on, or 0. It bounds the time between two starts
/// of chunks: a worker that is stopped between them hangs the end of a job as well.
[[nodiscard]] std::int64_t deadline_ns_of(const BoardTable& table, WorkerNumber worker) noexcept;

/// Whether the worker is on the board of a job that ends early with `kill`.
[[nodiscard]] bool is_marked(const BoardTable& table, WorkerNumber worker) noexcept;

/// Wakes the hosts of all jobs, so that they see that the pool is broken.
void wake_hosts(BoardTable& table) noexcept;

}  // namespace pinfold::detail

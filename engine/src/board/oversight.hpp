#pragma once

// What whoever looks after the workers wants to know of them, and asks of the boards.

#include <cstdint>

#include <pinfold/engine/detail/status_page.hpp>

#include "board/board.hpp"

namespace pinfold::detail {

/// The shortest chunk deadline of the jobs that workers are on or may join, or 0. Closed boards
/// count too: a worker may hang on one whose job was stopped.
[[nodiscard]] std::int64_t shortest_deadline_ns(const BoardTable& table) noexcept;

/// The chunk deadline of the job that the worker is on, or 0. It bounds the time between two starts
/// of chunks: a worker that is stopped between them hangs the end of a job as well.
[[nodiscard]] std::int64_t deadline_ns_of(const BoardTable& table, WorkerNumber worker) noexcept;

// Whoever is to kill a worker condemns it first. From then on it starts no chunk and goes to no
// other board, but waits. If it is still where it was to die, it never leaves there, and the kill
// reaches nothing else; if it has gone on, it is let go. Neither side misses the other: the worker
// says where it is and then looks whether it is condemned, the other one condemns and then looks
// where it is (both sides are seq_cst, or have a fence between).

/// What the worker is at: another value with each chunk that it tries.
[[nodiscard]] std::uint64_t doing_of(const BoardTable& table, WorkerNumber worker) noexcept;

/// Condemns the worker if it is still at what doing_of() said. Returns whether it is: then the
/// caller kills it.
[[nodiscard]] bool condemn(BoardTable& table, WorkerNumber worker, std::uint64_t doing) noexcept;

/// The same for a worker that is on the board of a job that ends early with `kill`.
[[nodiscard]] bool condemn_marked(BoardTable& table, WorkerNumber worker) noexcept;

/// Wakes the hosts of all jobs, so that they see that the pool is broken.
void wake_hosts(BoardTable& table) noexcept;

/// Writes a line for each job that is open, as far as there are lines, and completes those of the
/// workers that are on them. All that it reads is atomic, or was there before the first job opened.
void tell_of_jobs(const BoardTable& table, StatusLines& lines) noexcept;

}  // namespace pinfold::detail

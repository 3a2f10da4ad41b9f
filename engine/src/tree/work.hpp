#pragma once

#include <cstdint>
#include <pinfold/engine/detail/status_page.hpp>
#include <span>

#include "worker_death.hpp"
#include "worker_number.hpp"

namespace pinfold::detail {

/// What a worker heeds while it works.
class Shift {
  public:
    virtual ~Shift() = default;
    Shift() = default;
    Shift(const Shift&) = delete;
    Shift& operator=(const Shift&) = delete;

    /// Whether the worker is to do nothing more after its batch.
    [[nodiscard]] virtual bool is_over() const noexcept = 0;

    /// Whether another kind of work waits for its turn.
    [[nodiscard]] virtual bool others_wait() const noexcept = 0;
};

/// A kind of work that the workers of a pool do: jobs on boards are one. It is all that a crew
/// needs to know of what its workers do.
///
/// Kinds share the workers by turns. A turn is one piece of work, or as many as take some 25 µs,
/// and never more than 50; then the worker asks the next kind. A kind that has several jobs gives
/// them turns in the same way. While nothing else waits, a worker stays where it is.
///
/// Lifetime: a Work is made before the crew and outlives it; forked workers have copies of it, so
/// what they are to share lies in shared memory.
class Work {
  public:
    virtual ~Work() = default;
    Work() = default;
    Work(const Work&) = delete;
    Work& operator=(const Work&) = delete;

    /// Called in worker `worker`, and by no other at the same time: works for a turn, or as long as
    /// there is anything to take while no others wait. Asks `shift` after each batch. Returns
    /// whether anything was done.
    virtual bool work_in_turn(WorkerNumber worker, const Shift& shift) = 0;

    /// Whether some worker may have something to take, now or later without another ring.
    [[nodiscard]] virtual bool is_open() const noexcept = 0;

    /// How many pieces of work this worker and those before it have started, ever.
    [[nodiscard]] virtual std::uint64_t starts_of(WorkerNumber worker) const noexcept = 0;

    /// Whether the worker is on a piece of work, or about to take one or to leave it.
    [[nodiscard]] virtual bool is_at_work(WorkerNumber worker) const noexcept = 0;

    /// Pieces may lie in one another on a worker: how many levels there may be, and up to how many
    /// a piece has a deadline of its own at this moment.
    [[nodiscard]] virtual std::uint32_t most_levels() const noexcept { return 1; }
    [[nodiscard]] virtual std::uint32_t levels_of(WorkerNumber /*worker*/) const noexcept {
        return 1;
    }

    /// How long the piece that the worker is on may take, or 0. Whoever is late is condemned.
    [[nodiscard]] virtual std::int64_t deadline_ns_of(WorkerNumber worker,
                                                      std::uint32_t level) const noexcept = 0;

    /// The shortest deadline that any worker has or may have next, or 0.
    [[nodiscard]] virtual std::int64_t shortest_deadline_ns() const noexcept = 0;

    /// What the worker is at: another value with each piece that it begins.
    [[nodiscard]] virtual std::uint64_t doing_of(WorkerNumber worker,
                                                 std::uint32_t level) const noexcept = 0;

    /// Condemns the worker if it is still at what doing_of() said: it begins no other piece.
    /// Returns whether it is; then the caller kills it.
    [[nodiscard]] virtual bool condemn(WorkerNumber worker, std::uint64_t doing) noexcept = 0;

    /// The same for a worker that is to be killed for the sake of what it is on.
    [[nodiscard]] virtual bool condemn_marked(WorkerNumber worker) noexcept = 0;

    /// Whether the worker can do no more and is to end, so that a successor takes its place.
    [[nodiscard]] virtual bool is_spent(WorkerNumber worker) const noexcept = 0;

    /// Undoes what a dead worker had begun, so that others can do it again. It has been reaped, and
    /// its successor does not run yet. Whoever calls this rings for the workers afterwards.
    virtual void bury(WorkerNumber worker, const WorkerDeath& death) noexcept = 0;

    /// Frees what the dead worker left behind, when all kinds of work have buried it.
    virtual void clear_up(WorkerNumber /*worker*/) noexcept {}

    /// Writes what there is to tell of running jobs, and of the workers that are on them. Called by
    /// the supervisor at any moment: what it reads may change meanwhile.
    virtual void tell(StatusLines& /*lines*/) const noexcept {}

    /// Wakes all who wait for an end of work: the pool is broken, and they are to look at it.
    virtual void wake_waiters() noexcept = 0;
};

/// The kinds of work of one pool.
using Works = std::span<Work* const>;

/// How many pieces of work of any kind this worker and those before it have started, ever.
[[nodiscard]] inline std::uint64_t starts_of(Works works, WorkerNumber worker) noexcept {
    std::uint64_t sum = 0;
    for (const Work* const work : works) {
        sum += work->starts_of(worker);
    }
    return sum;
}

}  // namespace pinfold::detail

#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/enrolment.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/barrier_word.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold {

/// Where so many threads of any processes of a pool meet, again and again: each waits until all
/// have arrived.
///
///     pinfold::Pool pool({.crew = pinfold::Crew::threads, .workers = 2});
///     const pinfold::Barrier barrier(pool, 2);
///     auto other = pool.submit([barrier] { return barrier.arrive_and_wait(); });
///     const bool was_last = barrier.arrive_and_wait();
///     assert(was_last != other.get());  // one of the two
///
/// A thread is a member from join() or its first arrival on, until it calls leave(). When a member
/// dies, or its thread ends, the barrier is broken, whether it had arrived or not: all who wait,
/// and all who come, get BarrierBroken until somebody calls reset(). So nobody waits for one that
/// cannot come. A member that is stopped or slow is waited for.
///
/// One that dies before it is a member is missed, and waited for without end. So a Process is a
/// member from its birth on where its option `uses` names the barrier, once for each thread that is
/// to come: a place is kept for it, which the first of its threads that arrives or joins takes.
/// When the Process ends before that, however it does, the barrier is broken.
///
///     const pinfold::Shared shared;
///     const pinfold::Barrier start(shared, 2);
///     const pinfold::Process never_comes(shared, [] {}, {.uses = {start}});
///     try {
///         start.arrive_and_wait();
///         assert(false);
///     } catch (const pinfold::BarrierBroken&) {
///     }
///
/// It is a handle: copies are the same barrier. It ends with the last copy in the process that made
/// it; whoever waits then gets ObjectEnded. A map or a task may run twice after a death, and so
/// arrive twice: see docs/shared_objects.md.
///
/// Thread-safety: all members. Fork: as Mutex. Cost: an arrival looks at all members.
class PINFOLD_API Barrier {
  public:
    /// For 1 to 4094 threads; throws std::invalid_argument for another number, and what Mutex does.
    Barrier(const Space& space, std::uint32_t members);

    /// Waits until all members have arrived. Returns whether the caller was the one that let the
    /// others go. Throws BarrierBroken; std::logic_error for a thread beyond the number of members;
    /// ObjectEnded, PoolBroken, and std::system_error as Mutex::lock() does.
    // NOLINTNEXTLINE(modernize-use-nodiscard): most do not ask
    bool arrive_and_wait() const { return wait_before(shm::for_ever); }

    /// The same for at most so long. Then the barrier is broken, since an arrival cannot be taken
    /// back; throws Timeout.
    template <typename Rep, typename Period>
    // NOLINTNEXTLINE(modernize-use-nodiscard): as above
    bool arrive_and_wait_for(const std::chrono::duration<Rep, Period>& time) const {
        return wait_before(shm::after(time));
    }

    /// The calling thread is a member from now on, before it arrives. Does nothing for one that is.
    /// Throws what arrive_and_wait() does, but for BarrierBroken.
    void join() const;

    /// The calling thread is no member any more, and another one may take its place. One that is
    /// none gives back a place that is kept for its process, if there is one.
    void leave() const;

    /// Makes the barrier whole again, without the arrivals so far: those who wait get
    /// BarrierBroken. Living members stay members, and places that are kept are kept.
    void reset() const;

    /// Breaks it, for a thread that will not come.
    void abort() const;

    [[nodiscard]] bool is_broken() const;
    [[nodiscard]] std::uint32_t members() const;
    /// How many wait now.
    [[nodiscard]] std::uint32_t arrived() const;

    /// For ProcessOptions::uses.
    operator detail::Enrolment() const;  // NOLINT(google-explicit-constructor): it is one there

  private:
    // NOLINTNEXTLINE(modernize-use-nodiscard): as above
    bool wait_before(shm::Until until) const;
    [[nodiscard]] shm::BarrierWord& word() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<Barrier> = true;

}  // namespace pinfold

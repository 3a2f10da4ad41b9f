#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/semaphore_word.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold {

/// A number that threads of all processes of a pool raise, and lower while it is not 0: signals
/// from whoever calls release() to whoever calls acquire().
///
///     pinfold::Pool pool({.crew = pinfold::Crew::threads, .workers = 1});
///     const pinfold::Semaphore done(pool);
///     auto task = pool.submit([done] { done.release(3); return 0; });
///     for (int i = 0; i < 3; ++i) {
///         done.acquire();
///     }
///     assert(task.get() == 0 && done.value() == 0);
///
/// Where whoever acquires also releases, BoundedSemaphore is the one: it knows who has what.
///
/// It is a handle: copies are the same semaphore. It ends with the last copy in the process that
/// made it. Then whoever waits gets ObjectEnded.
///
/// Deaths. Signals have no owner, so a death gives nothing back. What a dead thread released is
/// there, and wakes those who wait for it. A map or a task may run twice after a death, and release
/// twice: see docs/shared_objects.md.
///
/// Thread-safety: all members. Fork: as Mutex. Cost: about that of a sem_t where nobody waits
/// (lock_bench); a waiter looks for some microseconds, then sleeps.
class PINFOLD_API Semaphore {
  public:
    /// Throws std::invalid_argument beyond max(), and what Mutex does.
    explicit Semaphore(const Space& space, std::uint32_t first = 0);

    /// Waits until it is not 0, and lowers it. Throws ObjectEnded; PoolBroken when the pool's
    /// processes have ended; std::system_error (resource_unavailable_try_again) for a thread that
    /// finds no seat; std::logic_error in a child that the program forked.
    void acquire() const { static_cast<void>(acquire_before(shm::for_ever)); }

    /// Whether it could be lowered now, or in time. They throw like acquire().
    [[nodiscard]] bool try_acquire() const { return acquire_before(shm::at_once); }
    template <typename Rep, typename Period>
    [[nodiscard]] bool try_acquire_for(const std::chrono::duration<Rep, Period>& time) const {
        return acquire_before(shm::after(time));
    }
    template <typename Clock, typename Duration>
    [[nodiscard]] bool try_acquire_until(
        const std::chrono::time_point<Clock, Duration>& end) const {
        return acquire_before(shm::at(end));
    }

    /// Raises it, in one step. Throws std::system_error (value_too_large) beyond max(): then it is
    /// as before; (resource_unavailable_try_again) for a thread that is at 30 shared objects
    /// already; and what acquire() does.
    void release(std::uint32_t by = 1) const;

    [[nodiscard]] static constexpr std::uint32_t max() noexcept { return shm::SemaphoreWord::most; }

    /// As it was a moment ago.
    [[nodiscard]] std::uint32_t value() const;

  private:
    [[nodiscard]] bool acquire_before(shm::Until until) const;
    [[nodiscard]] shm::SemaphoreWord& word() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<Semaphore> = true;

}  // namespace pinfold

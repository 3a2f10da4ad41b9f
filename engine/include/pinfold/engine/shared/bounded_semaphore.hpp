#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/bounded_word.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold {

/// A number of permits, each of which one thread holds or nobody, in whatever process of a pool:
/// for what only so many may do at a time.
///
///     pinfold::Pool pool;
///     const pinfold::BoundedSemaphore readers(pool, 2);
///     const auto most = pool.array<std::atomic<int>>(2);  // inside now, and at most
///     pinfold::for_each_chunk(pool, pinfold::Range{0, 20}, [=](const pinfold::Chunk&) {
///         readers.acquire();
///         most[1] = std::max(most[1].load(), ++most[0]);
///         --most[0];
///         readers.release();
///     });
///     assert(most[1] <= 2 && readers.available() == 2);
///
/// It is a handle: copies are the same semaphore. It ends with the last copy in the process that
/// made it. Then whoever waits gets ObjectEnded, and release() does nothing.
///
/// Deaths. A permit is given back when its holder's process dies or its thread ends. Nobody is
/// told: where what the permits protect could be left half done, take a Mutex. A process that is
/// stopped or slow keeps its permits. A map or a task may run twice after a death, and so what it
/// does with a permit: see docs/shared_objects.md.
///
/// A thread releases what it has acquired itself, so there are never more permits than at first.
/// For signals from one thread to another, see Semaphore.
///
/// It is a lock for those of the standard library, too: std::lock_guard permit(readers) has one for
/// its scope.
///
/// Thread-safety: all members. Fork: as Mutex. Cost: about that of a sem_t where permits
/// are free (lock_bench); with many permits of which few are free, a look at each. A waiter looks
/// for some microseconds, then sleeps.
class PINFOLD_API BoundedSemaphore {
  public:
    /// With 1 to 65535 permits. Throws std::invalid_argument for another number, and what Mutex
    /// does.
    BoundedSemaphore(const Space& space, std::uint32_t permits);

    /// Waits for a permit. A thread may hold several. Throws ObjectEnded; PoolBroken when the
    /// pool's processes have ended, which would have given permits back; std::system_error
    /// (resource_unavailable_try_again) for a thread that is at 30 shared objects already, of which
    /// each permit is one, or finds no seat; std::logic_error in a child that the program forked.
    void acquire() const { static_cast<void>(acquire_before(shm::for_ever)); }

    /// Whether it got a permit now, or in time. They throw like acquire().
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

    /// Gives one back. Throws std::system_error (operation_not_permitted) for a thread that holds
    /// none.
    void release() const;

    /// The same by the names that std::lock_guard, std::unique_lock and std::scoped_lock call.
    void lock() const { acquire(); }
    [[nodiscard]] bool try_lock() const { return try_acquire(); }
    template <typename Rep, typename Period>
    [[nodiscard]] bool try_lock_for(const std::chrono::duration<Rep, Period>& time) const {
        return try_acquire_for(time);
    }
    template <typename Clock, typename Duration>
    [[nodiscard]] bool try_lock_until(const std::chrono::time_point<Clock, Duration>& end) const {
        return try_acquire_until(end);
    }
    void unlock() const { release(); }

    [[nodiscard]] std::uint32_t permits() const;
    /// How many were free a moment ago.
    [[nodiscard]] std::uint32_t available() const;

  private:
    [[nodiscard]] bool acquire_before(shm::Until until) const;
    [[nodiscard]] shm::BoundedWord& word() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<BoundedSemaphore> = true;

}  // namespace pinfold

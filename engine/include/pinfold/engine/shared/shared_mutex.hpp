#pragma once

#include <chrono>
#include <mutex>  // IWYU pragma: keep, for std::unique_lock
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/shared_word.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <shared_mutex>  // IWYU pragma: keep, for std::shared_lock

namespace pinfold {

/// A lock that one thread holds to write, or any number hold to read, in whatever processes of a
/// pool.
///
///     pinfold::Pool pool;
///     const auto table = pool.array<long>(100);
///     const pinfold::SharedMutex mutex(pool);
///     {
///         const std::unique_lock writer(mutex);
///         table[7] = 49;
///     }
///     const std::shared_lock reader(mutex);
///     assert(table[7] == 49);
///
/// Writers come first: a reader waits while a writer waits.
///
/// It is a handle, as Mutex is, and ends like that.
///
/// Deaths. A reader's death, or the end of a reader's thread, lets go of the lock, and harms
/// nobody. That of a writer abandons it: lock() and lock_shared() throw OwnerDied and do not hold
/// it. lock_or_recover() and lock_shared_or_recover() hold it and tell, until somebody who holds it
/// calls make_consistent(). A writer that dies while it waits for readers has changed nothing, so
/// it abandons nothing. A process that is stopped or slow keeps the lock. A map or a task may run
/// twice after a death, and so what it does under the lock: see docs/shared_objects.md.
///
/// It meets the standard library's requirements of a shared timed mutex (its members are const), so
/// std::shared_lock takes it too. A thread has it once: a reader who would lock it again, or a
/// writer who would, gets std::system_error. There is no way from reader to writer but to unlock.
///
/// Thread-safety: all members. Fork: as Mutex. Cost: a reader pays two exchanges on one line of
/// memory that all readers write (lock_bench); a writer as much, and a look at a bit
/// for each thread that the space has room for. A waiter looks for some microseconds, then sleeps.
class PINFOLD_API SharedMutex {
  public:
    /// Throws like Mutex.
    explicit SharedMutex(const Space& space);

    /// Waits until it holds the lock to write. Throws like Mutex::lock().
    void lock() const;
    [[nodiscard]] bool try_lock() const { return lock_before(shm::at_once); }
    template <typename Rep, typename Period>
    [[nodiscard]] bool try_lock_for(const std::chrono::duration<Rep, Period>& time) const {
        return lock_before(shm::after(time));
    }
    template <typename Clock, typename Duration>
    [[nodiscard]] bool try_lock_until(const std::chrono::time_point<Clock, Duration>& end) const {
        return lock_before(shm::at(end));
    }

    /// Waits until it holds the lock to read. Throws like Mutex::lock().
    void lock_shared() const;
    [[nodiscard]] bool try_lock_shared() const { return lock_shared_before(shm::at_once); }
    template <typename Rep, typename Period>
    [[nodiscard]] bool try_lock_shared_for(const std::chrono::duration<Rep, Period>& time) const {
        return lock_shared_before(shm::after(time));
    }
    template <typename Clock, typename Duration>
    [[nodiscard]] bool try_lock_shared_until(
        const std::chrono::time_point<Clock, Duration>& end) const {
        return lock_shared_before(shm::at(end));
    }

    /// The same, but they hold the lock also where a writer died. They return whether that was so,
    /// which every taker is told until one calls make_consistent().
    [[nodiscard]] bool lock_or_recover() const;
    [[nodiscard]] bool lock_shared_or_recover() const;

    /// What the lock protects is whole again. For its writer, or for a reader who found that it is.
    /// Throws std::system_error (operation_not_permitted) for others.
    void make_consistent() const;

    /// Throw std::system_error (operation_not_permitted) for one who does not hold it so.
    void unlock() const;
    void unlock_shared() const;

  private:
    [[nodiscard]] bool lock_before(shm::Until until) const;
    [[nodiscard]] bool lock_shared_before(shm::Until until) const;
    [[nodiscard]] shm::SharedWord& word() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<SharedMutex> = true;

}  // namespace pinfold

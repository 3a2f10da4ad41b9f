#pragma once

#include <chrono>
#include <concepts>
#include <condition_variable>
#include <mutex>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/mutex.hpp>
#include <pinfold/engine/shared/recursive_mutex.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/condition_word.hpp>
#include <pinfold/shm/parties/until.hpp>
#include <type_traits>
#include <utility>

namespace pinfold {

/// What a Condition lets go of while it waits: Mutex, or RecursiveMutex held once.
template <typename Lock>
concept LockOfCondition = std::same_as<std::remove_const_t<Lock>, Mutex> ||
    std::same_as<std::remove_const_t<Lock>, RecursiveMutex>;

/// Where threads of all processes of a pool wait for a change of what a mutex protects.
///
///     pinfold::Pool pool({.crew = pinfold::Crew::threads, .workers = 1});
///     const auto answer = pool.array<int>(1);
///     const pinfold::Mutex mutex(pool);
///     const pinfold::Condition changed(pool);
///     auto task = pool.submit([=] {
///         const std::lock_guard guard(mutex);
///         answer[0] = 42;
///         changed.notify_one();
///         return 0;
///     });
///     std::unique_lock lock(mutex);
///     changed.wait(lock, [&] { return answer[0] != 0; });
///     assert(answer[0] == 42 && task.get() == 0);
///
/// It is a handle: copies are the same condition. It ends with the last copy in the process that
/// made it. Then whoever waits gets ObjectEnded, and holds the lock.
///
/// Deaths. One that is notified and dies, before it has unlocked the mutex again, has not looked to
/// the end: all others who wait wake, and look in its place. So a death may wake for nothing, and
/// loses no notification. One that dies inside of notify_one() has notified. When one dies that
/// holds the mutex, wait() throws OwnerDied as soon as it wakes, and does not hold the lock; a
/// waiter that nobody notifies does not notice. So whoever recovers the mutex calls notify_all(). A
/// map or a task may run twice after a death: see docs/shared_objects.md.
///
/// It may wake for nothing, as std::condition_variable may: wait with a predicate.
///
/// Thread-safety: all members. Fork: as Mutex. Cost: notify_one() where nobody waits, some
/// nanoseconds; else a system call. A waiter sleeps at once.
class PINFOLD_API Condition {
  public:
    /// Throws like Mutex.
    explicit Condition(const Space& space);

    /// Unlocks, waits to be notified, and locks again. Throws what Mutex::lock() does, then without
    /// the lock; ObjectEnded and PoolBroken of its own, then with it; std::system_error
    /// (operation_not_permitted) for a lock that is not held, or more than once. What the predicate
    /// throws leaves it with the lock.
    template <LockOfCondition Lock>
    void wait(std::unique_lock<Lock>& lock) const {
        static_cast<void>(wait_before(lock, shm::for_ever));
    }
    template <LockOfCondition Lock, std::predicate Predicate>
    void wait(std::unique_lock<Lock>& lock, Predicate predicate) const {
        while (!predicate()) {
            wait(lock);
        }
    }

    /// The same for a time. Without a predicate they return whether it is over; with one, what it
    /// says in the end.
    template <LockOfCondition Lock, typename Rep, typename Period>
    std::cv_status wait_for(std::unique_lock<Lock>& lock,
                            const std::chrono::duration<Rep, Period>& time) const {
        return status(wait_before(lock, shm::after(time)));
    }
    template <LockOfCondition Lock, typename Rep, typename Period, std::predicate Predicate>
    [[nodiscard]] bool wait_for(std::unique_lock<Lock>& lock,
                                const std::chrono::duration<Rep, Period>& time,
                                Predicate predicate) const {
        return wait_before(lock, shm::after(time), std::move(predicate));
    }
    template <LockOfCondition Lock, typename Clock, typename Duration>
    std::cv_status wait_until(std::unique_lock<Lock>& lock,
                              const std::chrono::time_point<Clock, Duration>& end) const {
        return status(wait_before(lock, shm::at(end)));
    }
    template <LockOfCondition Lock, typename Clock, typename Duration, std::predicate Predicate>
    [[nodiscard]] bool wait_until(std::unique_lock<Lock>& lock,
                                  const std::chrono::time_point<Clock, Duration>& end,
                                  Predicate predicate) const {
        return wait_before(lock, shm::at(end), std::move(predicate));
    }

    /// Wakes one of those who wait, if there is one, or all. The caller need not hold the mutex.
    /// Throws ObjectEnded; std::system_error (resource_unavailable_try_again) for a thread that is
    /// at 30 shared objects already or finds no seat; std::logic_error in a child that the program
    /// forked.
    void notify_one() const;
    void notify_all() const;

  private:
    /// A std::unique_lock, of whichever lock.
    struct HeldLock {
        const shm::OwnerWord* word;
        void* lock;
        bool (*is_held)(const void* lock);
        void (*take)(void* lock);
        void (*let_go)(void* lock);
    };

    template <LockOfCondition Lock>
    [[nodiscard]] bool wait_before(std::unique_lock<Lock>& lock, shm::Until until) const {
        using Held = std::unique_lock<Lock>;
        check(lock.owns_lock());
        return wait_before(
            {.word = &lock.mutex()->word_to_wait_with(),
             .lock = &lock,
             .is_held =
                 [](const void* held) { return static_cast<const Held*>(held)->owns_lock(); },
             .take = [](void* held) { static_cast<Held*>(held)->lock(); },
             .let_go = [](void* held) { static_cast<Held*>(held)->unlock(); }},
            until);
    }
    template <LockOfCondition Lock, typename Predicate>
    [[nodiscard]] bool wait_before(std::unique_lock<Lock>& lock, shm::Until until,
                                   Predicate predicate) const {
        while (!predicate()) {
            if (!wait_before(lock, until)) {
                return predicate();
            }
        }
        return true;
    }

    static std::cv_status status(bool is_in_time) noexcept {
        return is_in_time ? std::cv_status::no_timeout : std::cv_status::timeout;
    }

    static void check(bool is_held);
    [[nodiscard]] bool wait_before(const HeldLock& held, shm::Until until) const;
    [[nodiscard]] shm::ConditionWord& word() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<Condition> = true;

}  // namespace pinfold

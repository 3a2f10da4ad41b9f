#pragma once

#include <chrono>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/race_checker.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/owner_word.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold {

/// A lock for threads of all processes of a pool, whose owner may die.
///
///     pinfold::Pool pool;
///     const auto total = pool.array<long>(1);
///     const pinfold::Mutex mutex(pool);
///     pinfold::for_each_chunk(pool, pinfold::Range{0, 1000},
///                             [total, mutex](const pinfold::Chunk& chunk) {
///                                 const std::lock_guard guard(mutex);
///                                 total[0] += static_cast<long>(chunk.end - chunk.begin);
///                             });
///     assert(total[0] == 1000);
///
/// It is a handle: copies are the same mutex, and a map may capture one by value. The mutex ends
/// with the last copy in the process that made it. Then whoever waits for it gets ObjectEnded, and
/// unlock() by its owner does nothing.
///
/// Deaths. When a process dies that holds it, or a thread ends that does, the mutex is abandoned:
/// lock() throws OwnerDied and does not hold it. lock_or_recover() holds it and tells; the caller
/// mends what the mutex protects and calls make_consistent(). A process that is stopped or slow
/// keeps it. A map or a task may run twice after a death, and so raise a count twice: see
/// docs/shared_objects.md.
///
/// It meets the standard library's requirements of a timed mutex (its members are const), so
/// std::lock_guard, std::unique_lock and std::scoped_lock take it. Not recursive: lock() by its
/// owner throws.
///
/// Thread-safety: all members. Fork: a child that the program forks cannot use it, and gets
/// std::logic_error. Cost: locked and unlocked by a thread that has no other lock, less than half
/// of that of pthread's robust mutex (lock_bench; docs/benchmarks.md has the figures of all shared
/// objects); a waiter looks for some microseconds, then sleeps.
class PINFOLD_API Mutex {
  public:
    /// Throws std::system_error where the memory ends, and what Space throws.
    explicit Mutex(const Space& space);

    /// Waits until it holds the mutex. Throws OwnerDied and ObjectEnded; PoolBroken when the pool's
    /// processes have ended, which would have told deaths; std::system_error
    /// (resource_deadlock_would_occur) for its owner, and (resource_unavailable_try_again) for a
    /// thread that is at 30 shared objects already or finds no seat; std::logic_error in a child
    /// that the program forked.
    void lock() const {
        const shm::Taken taken = word().take(owner_.roster(), shm::for_ever, false);
        if (taken != shm::Taken::yes) [[unlikely]] {
            throw_why_not(taken);
        }
        detail::tell_take_over(&word());
    }

    /// Whether it holds the mutex now. Throws like lock(), also OwnerDied.
    [[nodiscard]] bool try_lock() const { return lock_before(shm::at_once); }
    template <typename Rep, typename Period>
    [[nodiscard]] bool try_lock_for(const std::chrono::duration<Rep, Period>& time) const {
        return lock_before(shm::after(time));
    }
    template <typename Clock, typename Duration>
    [[nodiscard]] bool try_lock_until(const std::chrono::time_point<Clock, Duration>& end) const {
        return lock_before(shm::at(end));
    }

    /// Like lock(), but holds the mutex also where its owner died. Returns whether that was so,
    /// which every taker is told until one calls make_consistent().
    [[nodiscard]] bool lock_or_recover() const;

    /// What the mutex protects is whole again. For its owner; throws std::system_error
    /// (operation_not_permitted) for others.
    void make_consistent() const;

    /// Throws std::system_error (operation_not_permitted), which names the owner, for others.
    void unlock() const {
        detail::tell_hand_over(&word());
        if (!word().let_go(owner_.roster())) [[unlikely]] {
            throw_not_owner("Mutex::unlock()");
        }
    }

  private:
    friend class Condition;

    [[nodiscard]] bool lock_before(shm::Until until) const;
    [[nodiscard]] shm::OwnerWord& word() const {
        return *static_cast<shm::OwnerWord*>(owner_.words());
    }
    static void throw_why_not(shm::Taken taken);
    [[noreturn]] void throw_not_owner(const char* call) const;
    /// The word that a wait of a Condition lets go of. Throws std::system_error for others than the
    /// owner.
    [[nodiscard]] const shm::OwnerWord& word_to_wait_with() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<Mutex> = true;

}  // namespace pinfold

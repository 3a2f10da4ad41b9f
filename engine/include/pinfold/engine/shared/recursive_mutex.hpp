#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/recursive_word.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold {

/// A Mutex that its owner may lock again. It is free when it was unlocked as often.
///
///     pinfold::Pool pool;
///     const pinfold::RecursiveMutex mutex(pool);
///     const std::lock_guard outer(mutex);
///     const std::lock_guard inner(mutex);
///     assert(mutex.depth() == 2);
///
/// All that Mutex says of handles, ends, deaths, threads and forks holds here. After a death it
/// does not matter how often the dead owner had locked it.
///
/// Cost: that of Mutex; locked again, some nanoseconds.
class PINFOLD_API RecursiveMutex {
  public:
    explicit RecursiveMutex(const Space& space);

    /// Waits until it holds the mutex. Throws like Mutex::lock(), but not for its owner, whom it
    /// also does not tell again that an owner before has died.
    void lock() const;

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

    /// See Mutex.
    [[nodiscard]] bool lock_or_recover() const;
    void make_consistent() const;
    void unlock() const;

    /// How often the calling thread holds it.
    [[nodiscard]] std::uint32_t depth() const;

  private:
    friend class Condition;

    [[nodiscard]] bool lock_before(shm::Until until) const;
    [[nodiscard]] shm::RecursiveWord& word() const;
    /// The word that a wait of a Condition lets go of. Throws std::system_error unless the calling
    /// thread holds it once.
    [[nodiscard]] const shm::OwnerWord& word_to_wait_with() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<RecursiveMutex> = true;

}  // namespace pinfold

#pragma once

#include <chrono>
#include <pinfold/api.hpp>
#include <pinfold/engine/detail/shared/shared_owner.hpp>
#include <pinfold/engine/shared/errors.hpp>
#include <pinfold/engine/shared/space.hpp>
#include <pinfold/shm/crossing_of.hpp>
#include <pinfold/shm/parties/event_word.hpp>
#include <pinfold/shm/parties/until.hpp>

namespace pinfold {

/// Something that has happened or not, for which threads of all processes of a pool wait.
///
///     pinfold::Pool pool({.crew = pinfold::Crew::threads, .workers = 1});
///     const pinfold::Event ready(pool);
///     auto waiter = pool.submit([ready] { ready.wait(); return 7; });
///     ready.set();
///     assert(waiter.get() == 7);
///
/// It is a handle: copies are the same event. It ends with the last copy in the process that made
/// it. Then whoever waits gets ObjectEnded.
///
/// Deaths. Nobody holds an event. Whoever dies inside of set() has set it, and wakes all who wait,
/// or has not set it. A map or a task may run twice after a death, and set it again: see
/// docs/shared_objects.md.
///
/// Thread-safety: all members. Fork: as Mutex. Cost: one step on one word where nobody waits; a
/// waiter looks for some microseconds, then sleeps.
class PINFOLD_API Event {
  public:
    /// Not set. Throws like Mutex.
    explicit Event(const Space& space);

    /// Lets all go who wait, and all who come. Throws ObjectEnded; std::system_error
    /// (resource_unavailable_try_again) for a thread that is at 30 shared objects already or finds
    /// no seat; std::logic_error in a child that the program forked.
    void set() const;

    /// Those who come wait again. Throws like set().
    void clear() const;

    /// Waits until it is set. One that is cleared right after that has let go all who waited.
    /// Throws like set(); PoolBroken when the pool's processes have ended.
    void wait() const { static_cast<void>(wait_before(shm::for_ever)); }

    /// The same for a time. Returns whether it was set.
    template <typename Rep, typename Period>
    [[nodiscard]] bool wait_for(const std::chrono::duration<Rep, Period>& time) const {
        return wait_before(shm::after(time));
    }
    template <typename Clock, typename Duration>
    [[nodiscard]] bool wait_until(const std::chrono::time_point<Clock, Duration>& end) const {
        return wait_before(shm::at(end));
    }

    [[nodiscard]] bool is_set() const;

  private:
    [[nodiscard]] bool wait_before(shm::Until until) const;
    [[nodiscard]] shm::EventWord& word() const;

    detail::SharedOwner owner_;
};

template <>
inline constexpr bool shm::is_shared_handle<Event> = true;

}  // namespace pinfold

#pragma once

#include <pinfold/shm/asymmetric_fence.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/until.hpp>

#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm::detail {

/// The one way to sleep in shared objects: on a bell that the thread's seat names, so that a burial
/// passes on what the thread was woken for, and the end of the tree wakes it.
///
///     NamedSleep sleep(roster, seat, bell);
///     do {
///         sleep.prepare();
///         ... look at what is waited for; leave if it is there, or sleep.is_broken()
///     } while (sleep.wait(until));
///
/// Whoever changes what is waited for calls wake_after_change() then. Until that has rung, a name
/// in its seat leads a burial to the bell.
class NamedSleep {
  public:
    NamedSleep(Roster& roster, Seat& seat, Doorbell& bell) noexcept
        : roster_(roster), seat_(seat), bell_(bell) {
        // seq_cst: Roster::break_up() sees the name, or is_broken() sees that it was called.
        seat_.sleeps_on.store(&bell, std::memory_order_seq_cst);
        reached(PartyStep::named_bell);
    }
    ~NamedSleep() {
        seat_.sleeps_on.store(nullptr, std::memory_order_release);
        reached(PartyStep::forgot_bell);
    }
    NamedSleep(const NamedSleep&) = delete;
    NamedSleep& operator=(const NamedSleep&) = delete;

    void prepare() noexcept {
        prepared_ = bell_.prepare();
        if (roster_.has_light_fences()) {
            // Who changes the word since sees the bit; who did before, let it be seen.
            static_cast<void>(heavy_fence());
        }
        reached(PartyStep::prepared);
    }

    [[nodiscard]] bool is_broken() const noexcept { return roster_.is_broken(); }

    /// Sleeps unless the bell rang since prepare(). Returns false when the time is over.
    [[nodiscard]] bool wait(Until until) {
        const std::chrono::nanoseconds left = left_until(until);
        if (left == left.zero()) {
            return false;
        }
        bell_.sleep(prepared_, left);
        reached(PartyStep::woke);
        return true;
    }

  private:
    Roster& roster_;
    Seat& seat_;
    Doorbell& bell_;
    std::uint32_t prepared_ = 0;
};

/// Between a change and a look at who sleeps: either the look sees the bit of who is about to
/// sleep, or that one sees the change.
inline void fence_after_change(const Roster& roster) noexcept {
    if (roster.has_light_fences()) {
        light_fence();
    } else {
        std::atomic_thread_fence(std::memory_order_seq_cst);
    }
}

/// Rings for up to `most` who sleep, behind fence_after_change().
inline void wake_sleepers(Doorbell& bell, std::uint32_t most) noexcept {
    if (bell.is_slept_on()) [[unlikely]] {
        bell.ring_for(most);
        reached(PartyStep::rang);
    }
}

/// Rings for up to `most` who sleep, after a change of what they look at.
inline void wake_after_change(const Roster& roster, Doorbell& bell, std::uint32_t most) noexcept {
    fence_after_change(roster);
    wake_sleepers(bell, most);
}

}  // namespace pinfold::shm::detail

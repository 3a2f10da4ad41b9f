#pragma once

#include <algorithm>
#include <chrono>
#include <limits>
#include <pinfold/shm/asymmetric_fence.hpp>
#include <pinfold/shm/doorbell.hpp>
#include <pinfold/shm/parties/roster.hpp>
#include <pinfold/shm/parties/taken.hpp>
#include <pinfold/shm/parties/until.hpp>

#include "parties/seat.hpp"
#include "reached_party_step.hpp"

namespace pinfold::shm::detail {

/// How what a sleeper waits for is changed.
enum class ChangedBy {
    store,     // a plain one: then a sleeper needs a heavy fence
    exchange,  // a sequentially consistent exchange, addition, ...
};

/// The one way to sleep in shared objects: on a bell that the thread's seat names, so that a burial
/// passes on what the thread was woken for, and the end of the tree wakes it.
///
///     NamedSleep sleep(roster, seat, bell, ChangedBy::store);
///     do {
///         sleep.prepare();
///         ... look at what is waited for; leave if it is there, or sleep.is_broken()
///     } while (sleep.wait(until));
///
/// Whoever changes what is waited for calls wake_after_change() then. Until that has rung, a name
/// in its seat leads a burial to the bell.
///
/// Who is stopped is not buried, and may be stopped with a ring that was meant for somebody: it
/// changed something and has not rung, or was woken in another's place and has not looked. So
/// nobody sleeps longer than a slice without a look of its own. The first is some thousand times
/// what a sleep costs, and each is twice as long as the one before, up to a length of which a
/// hundred sleepers take a thousandth of a CPU.
class NamedSleep {
  public:
    NamedSleep(const Roster& roster, Seat& seat, Doorbell& bell,
               ChangedBy changed_by = ChangedBy::store) noexcept
        : roster_(roster),
          seat_(seat),
          bell_(bell),
          fences_(changed_by == ChangedBy::store && roster.has_light_fences()) {
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
        if (is_prepared_ && !has_rung()) {
            return;  // the bit is still there: only a ring takes it
        }
        is_prepared_ = true;
        prepared_ = bell_.prepare();
        if (fences_) {
            // Who changes the word since sees the bit; who did before, let it be seen.
            static_cast<void>(heavy_fence());
        }
        reached(PartyStep::prepared);
    }

    [[nodiscard]] bool is_broken() const noexcept { return roster_.is_broken(); }

    /// Whether the bell rang since prepare().
    [[nodiscard]] bool has_rung() const noexcept {
        return (bell_.value() ^ prepared_) > 1;  // but for the sleepers' bit
    }

    /// Sleeps unless the bell rang since prepare(), for a slice at most. Returns false when the
    /// time is over.
    [[nodiscard]] bool wait(Until until) {
        const std::chrono::nanoseconds left = left_until(until);
        if (left == left.zero()) {
            return false;
        }
        bell_.sleep(prepared_, sleeps_in_slices() ? next_slice(until, left) : left);
        reached(has_rung() ? PartyStep::woke : PartyStep::slept_a_slice);
        return true;
    }

  private:
    [[nodiscard]] std::chrono::nanoseconds next_slice(Until until, std::chrono::nanoseconds left) {
        const std::chrono::nanoseconds slice = slice_;
        slice_ = std::min(2 * slice, longest_slice);
        return until == for_ever ? slice : std::min(left, slice);
    }

    static constexpr std::chrono::nanoseconds first_slice = std::chrono::milliseconds(40);
    static constexpr std::chrono::nanoseconds longest_slice = 16 * first_slice;

    const Roster& roster_;
    Seat& seat_;
    Doorbell& bell_;
    const bool fences_;
    bool is_prepared_ = false;
    std::uint32_t prepared_ = 0;
    std::chrono::nanoseconds slice_ = first_slice;
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

/// The same for all who sleep.
inline void wake_all_after_change(const Roster& roster, Doorbell& bell) noexcept {
    wake_after_change(roster, bell, std::numeric_limits<std::uint32_t>::max());
}

/// Lets that many turns of a waiting loop pass.
inline void relax(int turns) noexcept {
    for (int turn = 0; turn < turns; ++turn) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#elif defined(__aarch64__)
        asm volatile("yield");
#endif
    }
}

/// Waits until `look` finds what it looks for, which it tells by anything but Taken::no_time: it
/// looks for some microseconds, about what a sleep costs, more and more seldom, since each look
/// takes the word's line from whoever is about to change it. Then it sleeps on the bell.
template <typename Look>
[[nodiscard]] Taken look_or_sleep(const Roster& roster, Seat& seat, Doorbell& bell,
                                  ChangedBy changed_by, Until until, const Look& look) {
    constexpr int most_turns_between_looks = 128;
    Taken found = look();
    if (until == at_once) {
        return found;
    }
    for (int turns = 1; found == Taken::no_time && turns <= most_turns_between_looks; turns *= 2) {
        relax(turns);
        found = look();
    }
    if (found != Taken::no_time) {
        return found;
    }
    NamedSleep sleep(roster, seat, bell, changed_by);
    do {
        sleep.prepare();
        found = look();
        if (found != Taken::no_time) {
            return found;
        }
        if (sleep.is_broken()) {
            return Taken::no_broken;
        }
    } while (sleep.wait(until));
    return Taken::no_time;
}

}  // namespace pinfold::shm::detail

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/shm/futex.hpp>

namespace pinfold::shm {

/// A word in shared memory that tells any number of sleepers that something changed.
///
/// A waiter reads value(), then looks at what it waits for. If that is not there yet, it calls
/// wait() with the value that it read: a ring in between makes wait() return at once. A ring costs
/// a system call only when somebody sleeps.
///
/// Why no ring is lost. Each ring changes the value, so a waiter that has not gone to sleep yet
/// does not. Before it sleeps it sets the sleepers' bit, and the kernel puts it to sleep only while
/// value and bit are as it left them. So whoever sleeps finds the bit set until a ring takes it,
/// and only ring() does, which wakes all. A ring for some leaves the bit where it is: those whom it
/// does not wake are found by the next one. When it finds fewer than it may wake, it cannot take
/// the bit back, since another may have gone to sleep behind it by then; it rings for all instead,
/// and that clears the bit.
///
/// Deaths. A process that dies asleep does no harm: the bit that it may leave behind costs an idle
/// system call or two. One that was woken and dies before it looked takes a ring with it that was
/// meant for somebody, and one that dies inside of a ring may have woken nobody. So whoever finds a
/// dead one calls ring_after_death(), which wakes all.
///
///     pinfold::shm::Doorbell bell;
///     std::atomic<bool> work_is_there{false};
///     std::jthread other([&] { work_is_there = true; bell.ring(); });
///     std::uint32_t seen = bell.value();
///     while (!work_is_there) {
///         bell.wait(seen, std::chrono::seconds(1));
///         seen = bell.value();
///     }
///
class PINFOLD_API Doorbell {
  public:
    /// What to hand to wait(). Read it before you look at what you wait for.
    [[nodiscard]] std::uint32_t value() const noexcept {
        return word_.load(std::memory_order_seq_cst) & ~sleeping;
    }

    /// Tells every waiter. What the caller wrote before is visible to whoever it wakes. Returns the
    /// value that it made.
    std::uint32_t ring() noexcept {
        std::uint32_t old = word_.load(std::memory_order_relaxed);
        while (!word_.compare_exchange_weak(old, (old & ~sleeping) + step,
                                            std::memory_order_seq_cst)) {
        }
        if ((old & sleeping) != 0) {
            futex_wake_all(word_);
        }
        return (old & ~sleeping) + step;
    }

    /// Tells those who are about to wait, and wakes `most` of those who sleep, or all where there
    /// are fewer. Returns how many. For as many things to take as were put out before: then each
    /// has somebody who comes for it, or all are awake and look.
    ///
    /// Where `most` is as many as can wait, ring() does the same with one system call less.
    std::uint32_t ring_for(std::uint32_t most) noexcept {
        if ((word_.fetch_add(step, std::memory_order_seq_cst) & sleeping) == 0) {
            return 0;
        }
        const std::uint32_t woken = futex_wake(word_, most);
        if (woken < most) {
            ring();
        }
        return woken;
    }

    /// Tells every waiter, also those whose bit a dead ringer took. Always costs a system call.
    void ring_after_death() noexcept {
        word_.fetch_add(step, std::memory_order_seq_cst);
        futex_wake_all(word_);
    }

    /// The other way to wait, where whoever rings looks at is_slept_on() first. It says that
    /// somebody sleeps, and returns what to hand to sleep(); look at what you wait for in between.
    [[nodiscard]] std::uint32_t prepare() noexcept {
        return word_.fetch_or(sleeping, std::memory_order_seq_cst) | sleeping;
    }

    /// Sleeps unless the bell rang since prepare(), for at most `timeout` (negative: for ever). May
    /// return early for no reason.
    void sleep(std::uint32_t prepared, std::chrono::nanoseconds timeout) const {
        futex_wait(word_, prepared, timeout);
    }

    /// Whether somebody is about to sleep, or did and died. After a sequentially consistent change
    /// of what sleepers look at, a ring is needed only then.
    [[nodiscard]] bool is_slept_on() const noexcept {
        return (word_.load(std::memory_order_seq_cst) & sleeping) != 0;
    }

    /// Returns true once the bell rang after `seen` was read, false when `timeout` passed first
    /// (negative: never).
    bool wait(std::uint32_t seen, std::chrono::nanoseconds timeout);

  private:
    static constexpr std::uint32_t sleeping = 1;  // somebody sleeps on the word, or died doing so
    static constexpr std::uint32_t step = 2;

    std::atomic<std::uint32_t> word_{0};
};

}  // namespace pinfold::shm

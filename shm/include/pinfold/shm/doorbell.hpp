#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <pinfold/shm/futex.hpp>

namespace pinfold::shm {

/// A word in shared memory that tells any number of sleepers that something changed.
///
/// A waiter reads value(), looks at whatever it waits for, and if that is not there yet calls
/// wait() with what it read: a ring in between makes wait() return at once. A ring costs a system
/// call only when somebody sleeps. A party that dies asleep leaves the bell working: the sleepers'
/// bit that it may leave behind costs one idle system call. One that dies inside ring() may have
/// taken the bit and woken nobody: whoever finds it dead calls ring_after_death().
class Doorbell {
  public:
    /// What to hand to wait(). Read it before looking at what the bell is about.
    [[nodiscard]] std::uint32_t value() const noexcept {
        return word_.load(std::memory_order_seq_cst) & ~sleeping;
    }

    /// Tells every waiter. What the caller wrote before is visible to whoever it wakes.
    void ring() noexcept {
        std::uint32_t old = word_.load(std::memory_order_relaxed);
        while (!word_.compare_exchange_weak(old, (old & ~sleeping) + step,
                                            std::memory_order_seq_cst)) {
        }
        if ((old & sleeping) != 0) {
            futex_wake_all(word_);
        }
    }

    /// Tells every waiter, and wakes also those whose bit a dead ringer took. Always a system call.
    void ring_after_death() noexcept {
        word_.fetch_add(step, std::memory_order_seq_cst);
        futex_wake_all(word_);
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

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
/// A process that dies asleep does no harm: the sleepers' bit that it may leave behind costs one
/// idle system call. One that dies inside ring() may have taken the bit and woken nobody, so
/// whoever finds it dead calls ring_after_death().
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

    /// Tells every waiter, also those whose bit a dead ringer took. Always costs a system call.
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

#include <pinfold/shm/doorbell.hpp>

namespace pinfold::shm {
namespace {

using Clock = std::chrono::steady_clock;

/// The moment at which a wait of `timeout` ends; for ever is the clock's last moment.
Clock::time_point end_of(std::chrono::nanoseconds timeout) {
    const Clock::time_point now = Clock::now();
    if (timeout < std::chrono::nanoseconds::zero() || timeout > Clock::time_point::max() - now) {
        return Clock::time_point::max();
    }
    return now + timeout;
}

}  // namespace

bool Doorbell::wait(std::uint32_t seen, std::chrono::nanoseconds timeout) {
    const Clock::time_point end = end_of(timeout);
    for (;;) {
        // seq_cst like the ring's exchange: either this load sees the ring, or the ring sees the
        // sleepers' bit that is set below and wakes.
        std::uint32_t word = word_.load(std::memory_order_seq_cst);
        if ((word & ~sleeping) != seen) {
            return true;
        }
        std::chrono::nanoseconds left{-1};
        if (end != Clock::time_point::max()) {
            left = end - Clock::now();
            if (left <= std::chrono::nanoseconds::zero()) {
                return false;
            }
        }
        if ((word & sleeping) == 0 &&
            !word_.compare_exchange_strong(word, word | sleeping, std::memory_order_seq_cst)) {
            continue;
        }
        // The kernel compares again: a ring since then has changed the word and there is no sleep.
        futex_wait(word_, seen | sleeping, left);
    }
}

}  // namespace pinfold::shm

#pragma once

#include <sched.h>

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "clock.hpp"

namespace pinfold::detail {

/// Which parties of a pool have a CPU of their own, so that they may spin before they sleep.
enum class Spinners {
    nobody,
    workers,    // the host has none: it sleeps while they work, and then one of them is in its way
    everybody,  // the host too
};

/// Of a host with so many workers, on so many CPUs.
constexpr Spinners spinners(std::size_t workers, std::size_t cpus) noexcept {
    if (workers > cpus) {
        return Spinners::nobody;
    }
    return workers < cpus ? Spinners::everybody : Spinners::workers;
}

/// How long a party with a CPU of its own looks for news before it sleeps: about ten times what a
/// sleep and a wake cost, so that jobs of some microseconds never pay them (job_bench, one chunk).
inline constexpr std::chrono::nanoseconds spin_time = std::chrono::microseconds(100);
inline constexpr int looks_a_clock = 8;  // news come late by a look at the clock

/// Tells the CPU that this is a spin, which spares its sibling and its power.
inline void relax() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Looks until `done()` or for `time`, and calls `between()` after so many looks.
template <typename Done, typename Between>
void look_until(Done done, std::chrono::nanoseconds time, int looks, Between between) noexcept {
    const std::int64_t end = now_ns() + time.count();
    do {
        for (int look = 0; look < looks; ++look) {
            if (done()) {
                return;
            }
            relax();
        }
        between();
    } while (now_ns() < end);
}

/// Spins until `done()` or for spin_time. Only for a caller with a CPU of its own: three spinners
/// on two CPUs need milliseconds for what takes a microsecond.
template <typename Done>
void spin_until(Done done) noexcept {
    look_until(done, spin_time, looks_a_clock, [] {});
}

// Half of what those with a CPU of their own take: a job of one empty chunk on two CPUs 28 to 6.5
// µs, 4096 empty ones 67 to 50 (job_bench, two workers). Some 0.2 µs of pauses hide what a yield
// costs.
inline constexpr std::chrono::nanoseconds yielding_time = std::chrono::microseconds(50);
inline constexpr int pauses_a_yield = 5;

/// The same for half as long, for a caller whose CPU another party may want at any moment: it gives
/// the CPU away to whoever does. Not for a host: beside another program, which gets a whole slice
/// of some milliseconds each time, it would come back late to a job that is over.
template <typename Done>
void yield_until(Done done, std::chrono::nanoseconds time = yielding_time) noexcept {
    look_until(done, time, pauses_a_yield, [] { sched_yield(); });
}

}  // namespace pinfold::detail

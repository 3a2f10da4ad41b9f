#pragma once

#include <chrono>
#include <cstdint>

#include "clock.hpp"

namespace pinfold::detail {

/// How long a party with a CPU of its own looks for news before it sleeps: about ten times what a
/// sleep and a wake cost, so that jobs of some microseconds never pay them (job_bench, one chunk).
inline constexpr std::chrono::nanoseconds spin_time = std::chrono::microseconds(100);

/// Tells the CPU that this is a spin, which spares its sibling and its power.
inline void relax() noexcept {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Spins until `done()` or for spin_time. Only for a caller with a CPU of its own: three spinners
/// on two CPUs need milliseconds for what takes a microsecond.
template <typename Done>
void spin_until(Done done) noexcept {
    const std::int64_t end = now_ns() + spin_time.count();
    while (!done() && now_ns() < end) {
        relax();
    }
}

}  // namespace pinfold::detail

#pragma once

#include <algorithm>
#include <chrono>
#include <pinfold/api.hpp>

namespace pinfold::shm {

/// When a wait ends. The clock's last moment means never, its first that nobody waits.
using Until = std::chrono::steady_clock::time_point;

inline constexpr Until for_ever = Until::max();
inline constexpr Until at_once = Until::min();

/// The moment after so much time; one that is over is at_once, one beyond the clock's end for_ever.
template <typename Rep, typename Period>
[[nodiscard]] Until after(const std::chrono::duration<Rep, Period>& time) noexcept {
    if (time <= time.zero()) {
        return at_once;
    }
    const Until now = std::chrono::steady_clock::now();
    // As seconds, of which no unit has too many for a double.
    const std::chrono::duration<double> seconds = time;
    const std::chrono::duration<double> left = for_ever - now;
    return seconds < left ? now + std::chrono::ceil<std::chrono::nanoseconds>(time) : for_ever;
}

/// The moment that a clock of any kind will show so.
template <typename Clock, typename Duration>
[[nodiscard]] Until at(const std::chrono::time_point<Clock, Duration>& moment) noexcept {
    const auto now = Clock::now();
    return moment <= now ? at_once : after(moment - now);
}

/// How long that is from now on, for those that take a negative time as for ever; 0 when it is
/// over.
[[nodiscard]] inline std::chrono::nanoseconds left_until(Until until) noexcept {
    if (until == for_ever) {
        return std::chrono::nanoseconds(-1);
    }
    if (until == at_once) {
        return std::chrono::nanoseconds(0);
    }
    const std::chrono::nanoseconds left = until - std::chrono::steady_clock::now();
    return std::max(left, std::chrono::nanoseconds(0));
}

}  // namespace pinfold::shm

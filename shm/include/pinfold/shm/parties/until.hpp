#pragma once

#include <chrono>

namespace pinfold::shm {

/// When a wait ends. The clock's last moment means never, its first that nobody waits.
using Until = std::chrono::steady_clock::time_point;

inline constexpr Until for_ever = Until::max();
inline constexpr Until at_once = Until::min();

/// The moment after so much time; negative: for ever. A time beyond the clock's end is its end.
[[nodiscard]] inline Until after(std::chrono::nanoseconds time) noexcept {
    const Until now = std::chrono::steady_clock::now();
    if (time < std::chrono::nanoseconds::zero() || time > for_ever - now) {
        return for_ever;
    }
    return now + time;
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
    const auto left = until - std::chrono::steady_clock::now();
    return left > left.zero() ? left : left.zero();
}

}  // namespace pinfold::shm

#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace pinfold::detail {

/// Nanoseconds of the monotonic clock, the same in all processes of the machine.
inline std::int64_t now_ns() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// The time in nanoseconds, or the longest that their number holds.
inline std::int64_t in_ns(std::chrono::milliseconds time) noexcept {
    using std::chrono::nanoseconds;
    constexpr auto most = std::chrono::duration_cast<std::chrono::milliseconds>(nanoseconds::max());
    return nanoseconds(std::min(time, most)).count();
}

}  // namespace pinfold::detail

#pragma once

#include <chrono>
#include <cstdint>

namespace pinfold::detail {

/// Nanoseconds of the monotonic clock, the same in all processes of the machine.
inline std::int64_t now_ns() noexcept {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace pinfold::detail

#pragma once

// How long a wait may last. Not for users.

#include <chrono>
#include <pinfold/api.hpp>

namespace pinfold::detail {

/// What a FutureState takes for no limit.
inline constexpr std::chrono::nanoseconds for_ever{-1};

/// A time as the engine has it: 0 for what is less, and at most 90 years, which leave room to add
/// the clock's now.
template <typename Rep, typename Period>
[[nodiscard]] constexpr std::chrono::nanoseconds waiting_time(
    std::chrono::duration<Rep, Period> time) noexcept {
    using Seconds = std::chrono::duration<long double>;
    constexpr std::chrono::nanoseconds longest = std::chrono::hours(90 * 365 * 24);
    const Seconds seconds(time);
    if (!(seconds > Seconds(0))) {
        return std::chrono::nanoseconds(0);
    }
    return seconds < Seconds(longest) ? std::chrono::duration_cast<std::chrono::nanoseconds>(time)
                                      : longest;
}

/// Throw std::logic_error, Timeout.
[[noreturn]] PINFOLD_API void refuse_empty_future();
[[noreturn]] PINFOLD_API void throw_timeout(std::chrono::nanoseconds waited);

}  // namespace pinfold::detail

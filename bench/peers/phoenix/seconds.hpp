#pragma once

#include <chrono>

namespace bench::phoenix {

/// What a call takes.
template <typename F>
[[nodiscard]] double seconds_of(F f) {
    const auto start = std::chrono::steady_clock::now();
    f();
    const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
    return spent.count();
}

}  // namespace bench::phoenix

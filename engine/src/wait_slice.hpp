#pragma once

#include <chrono>

namespace pinfold::detail {

/// A waiting host looks at its pool at least this often, so that no death, stop or lost ring hangs
/// it.
inline constexpr std::chrono::milliseconds wait_slice{50};

/// Between two looks whether a job or a task is left to its host: a fraction of any patience.
inline constexpr std::chrono::milliseconds look_for_standstill{5};

}  // namespace pinfold::detail

#pragma once

#include <chrono>

namespace pinfold::detail {

/// A waiting host looks at its pool at least this often, so that no death, stop or lost ring hangs
/// it.
inline constexpr std::chrono::milliseconds wait_slice{50};

}  // namespace pinfold::detail

#pragma once

#include <chrono>
#include <string_view>

namespace pinfold::apps {

/// A span of time as people type it: a whole number and a unit, `500ms`, `2s`, `1m`, `1h`, or `us`.
///
/// Throws std::invalid_argument that calls it `name` for any other text, for nothing at all, and
/// for more than 8760h (a year), so that sums of durations and clocks cannot overflow.
[[nodiscard]] std::chrono::nanoseconds parse_duration(std::string_view name, std::string_view text);

}  // namespace pinfold::apps

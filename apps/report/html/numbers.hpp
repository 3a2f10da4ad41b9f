#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "statistics/estimate.hpp"

// How numbers read on the page: with their units, behind a space that does not break the line, and
// with no more digits than they are worth.
namespace pinfold::apps::report {

/// Four significant digits without an exponent where that is short: "0.9973", "12.35", "1.2e+09".
[[nodiscard]] std::string number_text(double number);

/// A time with the unit that fits: "10.23 s", "850 ns".
[[nodiscard]] std::string seconds_text(double seconds);

/// "93.4 %" of .934.
[[nodiscard]] std::string percent_text(double share);

/// "1,048,576"
[[nodiscard]] std::string count_text(std::uint64_t count);

/// "24.0 GB"
[[nodiscard]] std::string bytes_text(double bytes);

/// "1 worker", "8 workers"
[[nodiscard]] std::string counted(std::uint64_t count, const std::string& noun);

using Format = std::string (*)(double);

/// "9.9 to 10.4 s", "990 ms to 1.02 s", or "none" where the estimate has no interval.
[[nodiscard]] std::string interval_text(const Estimate& estimate, Format format);

/// The probability of the interval, "97.9 %", or "–" where there is none.
[[nodiscard]] std::string level_text(const Estimate& estimate);

/// The value with its interval in a sentence: "7.45 (7.3 to 7.6 at 95.0 %)".
[[nodiscard]] std::string estimate_text(const Estimate& estimate, Format format);

/// `format` of what is there, else "unknown".
[[nodiscard]] std::string or_unknown(const std::optional<double>& number, Format format);

}  // namespace pinfold::apps::report

#include "report/html/numbers.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <iterator>

namespace pinfold::apps::report {

namespace {

// A number and its unit stay on one line.
constexpr const char* unit_space = "\u00A0";

struct Unit {
    double size;
    const char* name;
};

/// In the largest unit that is not above the number; the last one where all are.
template <std::size_t Count>
std::string in_units(double number, const std::array<Unit, Count>& units) {
    for (const Unit& unit : units) {
        // Half a unit of the last digit below it: 999.96 ms reads as 1 s.
        if (std::abs(number) >= unit.size * .99995) {
            return number_text(number / unit.size) + unit_space + unit.name;
        }
    }
    return number_text(number / units.back().size) + unit_space + units.back().name;
}

}  // namespace

std::string number_text(double number) {
    if (!std::isfinite(number)) {
        return "unknown";
    }
    const double size = std::abs(number);
    if (size == 0) {
        return "0";
    }
    if (size < 1e-4 || size >= 1e7) {
        return fmt::format("{:.3g}", number);
    }
    const int whole = size < 1 ? 1 : static_cast<int>(std::log10(size * 1.0000001)) + 1;
    const int decimals = size < .1 ? 5 : whole < 4 ? 4 - whole : 0;
    return fmt::format("{:.{}f}", number, decimals);
}

std::string seconds_text(double seconds) {
    if (seconds == 0) {
        return std::string("0") + unit_space + "s";
    }
    static constexpr std::array<Unit, 4> units{
        {{1, "s"}, {1e-3, "ms"}, {1e-6, "µs"}, {1e-9, "ns"}}};
    return in_units(seconds, units);
}

std::string percent_text(double share) {
    if (!std::isfinite(share)) {
        return "unknown";
    }
    const double percent = share * 100;
    const bool is_small = percent != 0 && std::abs(percent) < 1;
    return fmt::format("{:.{}f}{}%", percent, is_small ? 3 : 1, unit_space);
}

std::string count_text(std::uint64_t count) {
    std::string digits = std::to_string(count);
    for (std::size_t at = digits.size(); at > 3;) {
        at -= 3;
        digits.insert(at, ",");
    }
    return digits;
}

std::string bytes_text(double bytes) {
    static constexpr std::array<Unit, 5> units{
        {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}}};
    return in_units(bytes, units);
}

std::string counted(std::uint64_t count, const std::string& noun) {
    return count_text(count) + " " + noun + (count == 1 ? "" : "s");
}

std::string interval_text(const Estimate& estimate, Format format) {
    if (estimate.level <= 0) {
        return "none";
    }
    std::string low = format(estimate.low);
    const std::string high = format(estimate.high);
    const std::size_t unit = low.find(unit_space);
    if (unit != std::string::npos && high.ends_with(low.substr(unit))) {
        low.resize(unit);  // it stands behind the upper end
    }
    return low + " to " + high;
}

std::string level_text(const Estimate& estimate) {
    return estimate.level > 0 ? percent_text(estimate.level) : "–";
}

std::string estimate_text(const Estimate& estimate, Format format) {
    const std::string value = format(estimate.value);
    if (estimate.level <= 0) {
        return value + " (too few samples for an interval)";
    }
    return value + " (" + interval_text(estimate, format) + " at " + level_text(estimate) + ")";
}

std::string or_unknown(const std::optional<double>& number, Format format) {
    return number ? format(*number) : "unknown";
}

}  // namespace pinfold::apps::report

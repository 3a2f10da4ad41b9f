#include "shell/duration.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

#include "shell/number.hpp"

namespace pinfold::apps {

namespace {

using std::chrono::nanoseconds;

struct Unit {
    std::string_view name;
    nanoseconds length;
};

constexpr std::array units{
    Unit{"us", std::chrono::microseconds(1)}, Unit{"ms", std::chrono::milliseconds(1)},
    Unit{"s", std::chrono::seconds(1)},       Unit{"m", std::chrono::minutes(1)},
    Unit{"h", std::chrono::hours(1)},
};

constexpr nanoseconds longest = std::chrono::hours(8760);

}  // namespace

std::chrono::nanoseconds parse_duration(std::string_view name, std::string_view text) {
    // All letters at the end, so that the "s" of an unknown "ns" is not taken for seconds.
    const std::size_t number_size = text.find_last_not_of("abcdefghijklmnopqrstuvwxyz") + 1;
    const std::string_view number = text.substr(0, number_size);
    const auto* const unit = std::ranges::find(units, text.substr(number_size), &Unit::name);
    if (unit == units.end()) {
        throw std::invalid_argument(
            fmt::format("{} '{}' is not a duration such as 500ms, 2s or 1m; the units are us, ms, "
                        "s, m and h",
                        name, text));
    }
    if (number.find('.') != std::string_view::npos) {
        throw std::invalid_argument(fmt::format(
            "{} '{}' is not a whole number of a unit: write 1500ms for 1.5s", name, text));
    }
    const Bounds bounds{1, static_cast<uint128>(longest / unit->length)};
    return unit->length * static_cast<nanoseconds::rep>(parse_uint64(
                              fmt::format("{}, in {}:", name, unit->name), number, bounds));
}

}  // namespace pinfold::apps

#include "duration.hpp"

#include <fmt/format.h>

#include <array>
#include <stdexcept>

#include "number.hpp"

namespace pinfold::apps {

namespace {

using std::chrono::nanoseconds;

struct Unit {
    std::string_view name;
    nanoseconds length;
};

// The longer names come first: "ms" ends in "s" too.
constexpr std::array units{
    Unit{"us", std::chrono::microseconds(1)}, Unit{"ms", std::chrono::milliseconds(1)},
    Unit{"s", std::chrono::seconds(1)},       Unit{"m", std::chrono::minutes(1)},
    Unit{"h", std::chrono::hours(1)},
};

constexpr nanoseconds longest = std::chrono::hours(8760);

}  // namespace

std::chrono::nanoseconds parse_duration(std::string_view name, std::string_view text) {
    for (const Unit& unit : units) {
        if (!text.ends_with(unit.name)) {
            continue;
        }
        const std::string_view number = text.substr(0, text.size() - unit.name.size());
        const Bounds bounds{1, static_cast<uint128>(longest / unit.length)};
        return unit.length * static_cast<nanoseconds::rep>(parse_uint64(
                                 fmt::format("{}, in {}:", name, unit.name), number, bounds));
    }
    throw std::invalid_argument(
        fmt::format("{} '{}' is not a duration such as 500ms, 2s or 1m", name, text));
}

}  // namespace pinfold::apps

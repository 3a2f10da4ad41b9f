#include "jobs/verification.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pinfold/engine/uint128.hpp>
#include <stdexcept>

namespace pinfold::apps {

std::uint64_t other_grain(Range range, std::uint64_t grain) {
    const uint128 size = range.size();
    if (size <= grain) {
        return static_cast<std::uint64_t>(std::max<uint128>(1, size / 2));
    }
    // Larger rather than smaller, so that no plan that was allowed becomes too long. A third keeps
    // nearly all of the borders apart.
    const uint128 larger = uint128{grain} + grain / 3 + 1;
    return static_cast<std::uint64_t>(std::min({larger, size, two_to_64 - 1}));
}

void refuse_disagreement(const std::string& first, const std::string& second,
                         std::string_view how) {
    throw std::runtime_error(
        fmt::format("--verify: the value is {} in the first run and {} {}; one of them is wrong",
                    first, second, how));
}

}  // namespace pinfold::apps

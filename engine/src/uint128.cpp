#include <cstdint>
#include <pinfold/engine/uint128.hpp>

namespace pinfold {

std::string to_decimal(uint128 value) {
    constexpr std::uint64_t ten_to_19 = 10'000'000'000'000'000'000U;
    if (value < two_to_64) {
        return std::to_string(static_cast<std::uint64_t>(value));
    }
    const std::string low = std::to_string(static_cast<std::uint64_t>(value % ten_to_19));
    return to_decimal(value / ten_to_19) + std::string(19 - low.size(), '0') + low;
}

}  // namespace pinfold

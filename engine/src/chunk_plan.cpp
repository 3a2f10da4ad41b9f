#include <algorithm>
#include <pinfold/engine/chunk_plan.hpp>
#include <stdexcept>
#include <string>

namespace pinfold {

namespace {

constexpr std::uint64_t default_chunks = 4096;
constexpr std::size_t page_bytes = 4096;

constexpr uint128 divide_up(uint128 a, uint128 b) {
    return a / b + (a % b != 0 ? 1 : 0);
}

void check(Range range) {
    if (range.end < range.begin) {
        throw std::invalid_argument("range [" + to_decimal(range.begin) + ", " +
                                    to_decimal(range.end) + "): the end is below the begin");
    }
    if (range.end > two_to_64) {
        throw std::invalid_argument("range end " + to_decimal(range.end) + " is above 2^64");
    }
}

std::uint64_t grain_for(Range range, std::uint64_t chunks) {
    check(range);
    return static_cast<std::uint64_t>(std::max<uint128>(1, divide_up(range.size(), chunks)));
}

}  // namespace

std::uint64_t smallest_grain(Range range) {
    return grain_for(range, max_chunks);
}

std::uint64_t default_grain(Range range) {
    return grain_for(range, default_chunks);
}

std::uint64_t default_grain(std::size_t elements, std::size_t element_bytes) {
    const std::size_t page =
        std::max<std::size_t>(1, page_bytes / std::max<std::size_t>(1, element_bytes));
    return std::max<std::uint64_t>(page, default_grain(Range{0, elements}));
}

ChunkPlan::ChunkPlan(Range range, std::uint64_t grain) : range_(range) {
    check(range);
    grain_ = grain != 0 ? grain : default_grain(range);
    const uint128 chunks = divide_up(range.size(), grain_);
    if (chunks > max_chunks) {
        throw std::invalid_argument(
            "grain " + std::to_string(grain_) + " cuts the range into " + to_decimal(chunks) +
            " chunks, more than " + std::to_string(max_chunks) +
            "; the smallest grain that fits is " + std::to_string(smallest_grain(range)));
    }
    size_ = static_cast<std::uint64_t>(chunks);
}

}  // namespace pinfold

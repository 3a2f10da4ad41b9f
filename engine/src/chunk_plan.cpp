#include <algorithm>
#include <pinfold/engine/chunk_plan.hpp>
#include <stdexcept>
#include <string>

namespace pinfold {

namespace {

// With results of 1 to 4 KiB, 4096 chunks took 7 to 20 % more than 256, and as many as have 1 MiB
// of results at most 2 %: bytes of 64 MB, counted into 256 to 1024 counters by two workers.
constexpr std::uint64_t default_chunks = 4096;
constexpr std::uint64_t least_default_chunks = 256;
constexpr std::size_t default_results_bytes = std::size_t{1} << 20;
constexpr std::size_t page_bytes = 4096;

constexpr uint128 divide_up(uint128 a, uint128 b) {
    return a / b + (a % b != 0 ? 1 : 0);
}

void check(Range range) {
    // What a negative number becomes.
    const bool may_be_negative = range.begin >> 63 != 0 || range.end >> 127 != 0;
    const std::string hint = may_be_negative ? "; was it a negative number?" : "";
    if (range.end < range.begin) {
        throw std::invalid_argument("range [" + to_decimal(range.begin) + ", " +
                                    to_decimal(range.end) + "): the end is below the begin" + hint);
    }
    if (range.end > two_to_64) {
        throw std::invalid_argument("range end " + to_decimal(range.end) + " is above 2^64" + hint);
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

std::uint64_t default_grain(Range range, std::size_t result_bytes) {
    const std::uint64_t chunks = default_results_bytes / std::max<std::size_t>(1, result_bytes);
    return grain_for(range, std::clamp(chunks, least_default_chunks, default_chunks));
}

std::uint64_t default_grain(std::size_t elements, std::size_t element_bytes,
                            std::size_t result_bytes) {
    const std::size_t page =
        std::max<std::size_t>(1, page_bytes / std::max<std::size_t>(1, element_bytes));
    return std::max<std::uint64_t>(page, default_grain(Range{0, elements}, result_bytes));
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

// The digits of all numbers lie one after the other in one array. F(n) has at most n/4 + 1 digits
// (log10 of the golden ratio is 0.209), so the place of each number has a closed form and workers
// write side by side without knowing the others' lengths. What a number does not use stays zero.

#include "jobs/fibonacci/exact_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/engine/uint128.hpp>
#include <pinfold/kernels/exact_fibonacci.hpp>
#include <string>
#include <thread>

#include "jobs/fibonacci/exact_fibonacci.hpp"
#include "jobs/machine_memory.hpp"

namespace pinfold::apps {

namespace {

/// Where F(n) would start if F(0) started at 0: n^2/8 + 2n, rounded down. The distance from one
/// number to the next is above n/4 + 1.
constexpr uint128 place_of(uint128 n) {
    return n * n / 8 + 2 * n;
}
static_assert(place_of(1) - place_of(0) >= 1 && place_of(8) - place_of(7) >= 2);

uint128 text_bytes(Range range) {
    return place_of(range.end) - place_of(range.begin);
}

struct DigitsJob {
    Range range;
    std::span<char> text;
};

void write_number(const DigitsJob& job, std::uint64_t n) {
    const std::string digits = kernels::fibonacci(n);
    const auto place = static_cast<std::size_t>(place_of(n) - place_of(job.range.begin));
    std::ranges::copy(digits, job.text.subspan(place).begin());
}

}  // namespace

void ExactTable::check(Range range, int workers) {
    // Each worker has a number of its own; their sum, shown with them, comes after them.
    const uint128 each = exact_fibonacci_bytes(range.end + 1);
    const unsigned at_once =
        workers > 0 ? static_cast<unsigned>(workers) : std::thread::hardware_concurrency();
    check_memory(
        fmt::format("a table of exact numbers up to F({})", to_decimal(range.end)),
        text_bytes(range) + each * std::max<uint128>(1, std::min<uint128>(at_once, range.size())));
}

ExactTable::ExactTable(Pool& pool, Range range)
    : range_(range), text_(pool.array<char>(static_cast<std::size_t>(text_bytes(range)))) {}

JobReport ExactTable::find(Pool& pool, const JobSettings& settings) {
    return for_each_chunk(
        pool, range_, DigitsJob{range_, text_.span()},
        [](const DigitsJob& job, const Chunk& chunk) {
            for (auto n : chunk) {
                write_number(job, n);
            }
        },
        settings);
}

std::string_view ExactTable::operator[](std::uint64_t index) const {
    const uint128 n = range_.begin + uint128{index};
    const auto place = static_cast<std::size_t>(place_of(n) - place_of(range_.begin));
    std::string_view digits(text_.data(), text_.size());
    digits = digits.substr(place, static_cast<std::size_t>(place_of(n + 1) - place_of(n)));
    digits = digits.substr(0, digits.find('\0'));
    return digits.empty() ? "0" : digits;
}

}  // namespace pinfold::apps

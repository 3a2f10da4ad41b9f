// The digits of all numbers lie one after the other in one array. F(n) has at most n/4 + 1 digits
// (log10 of the golden ratio is 0.209), so the place of each number has a closed form and workers
// write side by side without knowing the others' lengths. What a number does not use stays zero.

#include "exact_fibonacci.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/kernels/exact_fibonacci.hpp>
#include <stdexcept>
#include <string>

#include "machine_memory.hpp"
#include "number.hpp"

namespace pinfold::apps {

namespace {

/// Where F(n) would start if F(0) started at 0: n^2/8 + 2n, rounded down. The distance from one
/// number to the next is above n/4 + 1.
constexpr uint128 place_of(uint128 n) {
    return n * n / 8 + 2 * n;
}
static_assert(place_of(1) - place_of(0) >= 1 && place_of(8) - place_of(7) >= 2);

constexpr std::uint64_t sum_bytes(uint128 end) {
    return static_cast<std::uint64_t>(end / 4 + 2);  // The sum below `end` is below F(end + 1).
}

uint128 text_bytes(Range range, bool sum) {
    return sum ? sum_bytes(range.end) : place_of(range.end) - place_of(range.begin);
}

struct DigitsJob {
    Range range;
    bool sum;
    std::span<char> text;
};

void write_number(const DigitsJob& job, std::uint64_t n) {
    const std::string digits = kernels::fibonacci(n);
    const auto place = static_cast<std::size_t>(place_of(n) - place_of(job.range.begin));
    std::ranges::copy(digits, job.text.subspan(place).begin());
}

void write_sum(const DigitsJob& job) {
    const std::string digits =
        kernels::fibonacci_sum(job.range.begin, static_cast<std::uint64_t>(job.range.end));
    std::ranges::copy(digits, job.text.begin());
}

}  // namespace

void FibonacciDigits::check(Range range, bool sum) {
    // The sum below END is F(END + 1) less a smaller number; a table's sum is shown with it.
    const bool single = !sum && range.size() == 1;
    const uint128 last = single ? uint128{range.begin} : range.end + 1;
    if (last > kernels::max_exact_fibonacci) {
        throw std::invalid_argument(
            fmt::format("F({}) is too long to be exact: the limit is F({}); --mod M has no limit",
                        to_decimal(last), kernels::max_exact_fibonacci));
    }
    // What GMP takes on top of a value for its digits and temporaries, as a multiple of the value.
    constexpr unsigned with_temporaries = 10;
    check_memory(
        fmt::format("an exact F({})", to_decimal(last)),
        text_bytes(range, sum) +
            uint128{with_temporaries} * kernels::fibonacci_bytes(static_cast<std::uint64_t>(last)));
}

FibonacciDigits::FibonacciDigits(Pool& pool, Range range, bool sum)
    : range_(range),
      sum_(sum),
      text_(pool.array<char>(static_cast<std::size_t>(text_bytes(range, sum)))) {}

JobReport FibonacciDigits::find(Pool& pool, const JobSettings& settings) {
    struct Done {};
    JobOptions<Done> options{settings, {}};
    if (sum_) {
        options.grain = static_cast<std::uint64_t>(std::max<uint128>(1, range_.size()));
    }
    return map_reduce(
               pool, range_, DigitsJob{range_, sum_, text_.span()},
               [](const DigitsJob& job, const Chunk& chunk) {
                   if (job.sum) {
                       write_sum(job);
                       return Done{};
                   }
                   for (std::uint64_t n = chunk.begin; n < chunk.end; ++n) {
                       write_number(job, n);
                   }
                   return Done{};
               },
               [](Done, Done) { return Done{}; }, options)
        .report;
}

std::string_view FibonacciDigits::operator[](std::uint64_t index) const {
    std::string_view digits(text_.data(), text_.size());
    if (!sum_) {
        const uint128 n = range_.begin + uint128{index};
        const auto place = static_cast<std::size_t>(place_of(n) - place_of(range_.begin));
        digits = digits.substr(place, static_cast<std::size_t>(place_of(n + 1) - place_of(n)));
    }
    digits = digits.substr(0, digits.find('\0'));
    return digits.empty() ? "0" : digits;
}

}  // namespace pinfold::apps

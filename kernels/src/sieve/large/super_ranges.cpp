// How many multiples the primes from p to q have in a range of n numbers: by Mertens' theorem the
// sum of 1 / prime is ln ln q - ln ln p, and of the cofactors 48 in 210 are left by the wheel. The
// lists have that much room and some more; a slice that needs more all the same is worked by the
// chunks themselves, so the estimate decides about time alone.
#include <algorithm>
#include <cmath>
#include <pinfold/kernels/sieving_primes.hpp>
#include <pinfold/kernels/super_ranges.hpp>
#include <stdexcept>

#include "arithmetic/integer_sqrt.hpp"
#include "arithmetic/number_range.hpp"
#include "sieve/large/large_primes.hpp"
#include "sieve/large/listed_multiples.hpp"

namespace pinfold::kernels {
namespace {

constexpr std::uint64_t segment_numbers = 30 * ListedMultiples::segment_bytes;

/// Beyond this the plan of the phases themselves would take memory: 16384 super-ranges of 2·10^9
/// numbers are some four hours of work on two cores.
constexpr std::uint64_t most_super_ranges = 16384;

/// Places of multiples within a super-range are bytes of 32 bits with a bit each.
constexpr std::uint64_t longest_super_range = segment_numbers * 256;

constexpr double wheel_share = 48.0 / 210.0;

double log_log(double byte) {
    return std::log(std::log(30 * byte));
}

/// The work up to a byte of the bitmap: the primes to set up, and their multiples to list, which
/// take about as long each.
double work_up_to(double byte, double numbers) {
    return 30 * byte / std::log(30 * byte) + numbers * wheel_share * log_log(byte);
}

std::uint32_t byte_of_work(double work, double numbers, std::uint32_t first, std::uint32_t last) {
    while (first < last) {
        const std::uint32_t middle = first + (last - first) / 2;
        if (work_up_to(middle, numbers) < work) {
            first = middle + 1;
        } else {
            last = middle;
        }
    }
    return first;
}

/// Room for a list of one segment: the estimate, a twentieth for its error where primes are few,
/// and six standard deviations.
std::uint32_t room_for(std::uint32_t first, std::uint32_t last) {
    const double expected =
        double(segment_numbers) * wheel_share * (log_log(last) - log_log(first));
    return static_cast<std::uint32_t>(1.05 * expected + 6 * std::sqrt(expected) + 64);
}

std::uint64_t last_large_byte(uint128 end) {
    return integer_sqrt(static_cast<std::uint64_t>(end - 1)) / 30 + 1;
}

void cut_into_slices(SuperRanges& plan) {
    const auto first = static_cast<std::uint32_t>(first_listed_byte);
    const auto last = static_cast<std::uint32_t>(last_large_byte(plan.end));
    const auto numbers = static_cast<double>(plan.length);
    const double before = work_up_to(first, numbers);
    const double work = work_up_to(last, numbers) - before;
    constexpr std::size_t slices = SuperRanges::max_slices;
    std::size_t room = 0;
    plan.slice_begin[0] = first;
    for (std::size_t i = 0; i < slices; ++i) {
        const double share = static_cast<double>(i + 1) / double(slices);
        plan.slice_begin[i + 1] =
            i + 1 < slices ? byte_of_work(before + share * work, numbers, first, last) : last;
        plan.capacity[i] = room_for(plan.slice_begin[i], plan.slice_begin[i + 1]);
        room += plan.capacity[i];
    }
    // One segment more, since a super-range need not begin or end at the border of a byte.
    plan.segments = static_cast<std::uint32_t>(plan.length / segment_numbers + 2);
    plan.bytes = plan.segments * (slices + room) * sizeof(std::uint32_t);
}

SuperRanges with_length(std::uint64_t begin, uint128 end, uint128 length) {
    SuperRanges plan;
    plan.begin = begin;
    plan.end = end;
    plan.length = static_cast<std::uint64_t>(std::min(length, end - begin));
    cut_into_slices(plan);
    return plan;
}

/// Setting a prime up once more for another super-range costs time, and so does each byte of a
/// longer one that has to be brought into memory (docs/kernels.md).
constexpr double set_up_ns_a_prime = 3.0;
constexpr double ns_a_byte = 0.7;

/// The length that has the least of both, when all super-ranges use the same memory.
std::uint64_t quickest_length(uint128 range, uint128 end) {
    const auto first = 30 * static_cast<double>(first_listed_byte);
    const auto last = 30 * static_cast<double>(last_large_byte(end));
    const double primes = last / std::log(last) - first / std::log(first);
    const double bytes_a_number =
        sizeof(std::uint32_t) * wheel_share * (log_log(last / 30) - log_log(first / 30));
    const double length = std::sqrt(static_cast<double>(range) * primes * set_up_ns_a_prime /
                                    (bytes_a_number * ns_a_byte));
    return static_cast<std::uint64_t>(std::min(length, double(longest_super_range)));
}

bool has_large_primes(uint128 end) {
    return end > 0 && last_large_byte(end) > first_listed_byte + SuperRanges::max_slices;
}

}  // namespace

SuperRanges plan_super_ranges(std::uint64_t begin, uint128 end, std::uint64_t grain,
                              std::size_t most_bytes) {
    require_range(begin, end);
    if (grain == 0) {
        throw std::invalid_argument("super-ranges need a grain above 0");
    }
    if (begin == end || !has_large_primes(end) || grain > longest_super_range) {
        return {};
    }
    const auto fits = [&](std::uint64_t chunks) {
        return with_length(begin, end, uint128{chunks} * grain).bytes <= most_bytes;
    };
    std::uint64_t chunks = std::max<std::uint64_t>(1, quickest_length(end - begin, end) / grain);
    while (chunks > 0 && !fits(chunks)) {
        chunks -= (chunks + 31) / 32;
    }
    if (chunks == 0) {
        return {};
    }
    const uint128 all = (end - begin - 1) / grain + 1;
    const uint128 count = (all - 1) / chunks + 1;
    if (count > most_super_ranges) {
        return {};
    }
    // As few as fit, and all about as long.
    SuperRanges plan = with_length(begin, end, ((all - 1) / count + 1) * grain);
    plan.count = static_cast<std::uint32_t>((end - begin - 1) / plan.length + 1);
    return plan;
}

std::uint64_t super_range_grain(std::uint64_t begin, uint128 end) {
    constexpr std::uint64_t shortest = 2;  // segments
    constexpr std::uint64_t longest = 8;
    if (begin >= end || !has_large_primes(std::min(end, two_to_64))) {
        return 0;
    }
    const auto segments = static_cast<std::uint64_t>((end - begin - 1) / segment_numbers + 1);
    const std::uint64_t grain = std::clamp(segments / 64, shortest, longest) * segment_numbers;
    return plan_super_ranges(begin, end, grain).count != 0 ? grain : 0;
}

SuperRange super_range(const SuperRanges& plan, std::uint64_t number) noexcept {
    const uint128 begin = plan.begin + uint128{number} * plan.length;
    return {static_cast<std::uint64_t>(begin), std::min(plan.end, begin + plan.length)};
}

}  // namespace pinfold::kernels

// Sums of primes, beside libprimesieve summing through its iterator. Both run on one thread and
// both find their sieving primes each time; pinfold cuts the range as a job would.

#include <benchmark/benchmark.h>

#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <primesieve.hpp>

#include "kernel_contest.hpp"

namespace {

using namespace bench;
using namespace pinfold::kernels;

struct Interval {
    std::uint64_t begin;
    std::uint64_t end;
};

std::string text(const PrimeSum& total) {
    return std::to_string(total.count) + " " +
           std::to_string(static_cast<std::uint64_t>(total.sum >> 64)) + " " +
           std::to_string(static_cast<std::uint64_t>(total.sum));
}

PrimeSum by_primesieve(Interval interval) {
    PrimeSum total;
    primesieve::iterator primes(interval.begin, interval.end);
    for (std::uint64_t p = primes.next_prime(); p < interval.end; p = primes.next_prime()) {
        total += {1, p};
    }
    return total;
}

std::vector<std::byte> sieving_primes(Interval interval) {
    std::vector<std::byte> bitmap(sieving_bitmap_bytes(interval.end));
    find_sieving_primes(0, bitmap.size(), bitmap);
    return bitmap;
}

/// Calls visit(begin, end) for each chunk of the default grain.
template <typename Visit>
void for_each_chunk(Interval interval, Visit visit) {
    const std::uint64_t grain = prime_sum_grain(interval.begin, interval.end);
    for (std::uint64_t at = interval.begin; at < interval.end;) {
        const std::uint64_t next = at + std::min(grain, interval.end - at);
        visit(at, next);
        at = next;
    }
}

PrimeSum by_pinfold(Interval interval) {
    const std::vector<std::byte> bitmap = sieving_primes(interval);
    PrimeSum total;
    for_each_chunk(interval, [&](auto begin, auto end) { total += prime_sum(begin, end, bitmap); });
    return total;
}

std::uint64_t count_by_pinfold(Interval interval) {
    const std::vector<std::byte> bitmap = sieving_primes(interval);
    std::uint64_t total = 0;
    for_each_chunk(interval,
                   [&](auto begin, auto end) { total += prime_count(begin, end, bitmap); });
    return total;
}

void enter_sum(const std::string& name, Interval interval, int repeats) {
    enter({name,
           repeats,
           {{"primesieve", [=] { return text(by_primesieve(interval)); }},
            {"pinfold", [=] { return text(by_pinfold(interval)); }}}});
}

/// Narrow ranges at large begins, where primesieve counts, which is quicker than its iterator.
void enter_narrow(const std::string& name, Interval interval) {
    enter({name,
           3,
           {{"primesieve_count",
             [=] {
                 return std::to_string(primesieve::count_primes(interval.begin, interval.end - 1));
             }},
            {"pinfold_by_testing", [=] {
                 return std::to_string(prime_sum_by_testing(interval.begin, interval.end).count);
             }}}});
}

/// What the sum costs on top of the count.
void enter_sum_beside_count(Interval interval) {
    enter({"sum_beside_count_0_1e9",
           7,
           {{"count", [=] { return std::to_string(count_by_pinfold(interval)); }},
            {"sum", [=] { return std::to_string(by_pinfold(interval).count); }}}});
}

}  // namespace

int main(int argc, char** argv) {
    constexpr std::uint64_t billion = 1'000'000'000;
    enter_sum("sum_0_1e9", {0, billion}, 7);
    enter_sum("sum_0_1e10", {0, 10 * billion}, 3);
    enter_sum("sum_1e12_1e9", {1'000 * billion, 1'001 * billion}, 7);
    enter_sum("sum_1e15_1e9", {1'000'000 * billion, 1'000'001 * billion}, 5);
    enter_sum("sum_1e18_1e9", {billion * billion, billion * billion + billion}, 3);
    enter_narrow("narrow_1e18_1e6", {billion * billion, billion * billion + 1'000'000});
    constexpr std::uint64_t high_end = 0 - std::uint64_t{50'000'000};
    enter_narrow("narrow_last_1e6", {high_end - 1'000'000, high_end});
    enter_sum_beside_count({0, billion});
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}

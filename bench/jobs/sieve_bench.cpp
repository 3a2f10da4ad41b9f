// Sums of primes beside libprimesieve, which sums in two ways: prime by prime through its iterator,
// and by the blocks of primes that the iterator makes. The jobs run on warm pools of one and two
// worker processes, the peer on one thread, or on two that halve the range. All of them find their
// sieving primes each time.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <primesieve.hpp>
#include <string>
#include <thread>
#include <vector>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"
#include "jobs/primes/prime_sums.hpp"

namespace {

using namespace bench;
using namespace pinfold::kernels;
using pinfold::apps::Method;

struct Interval {
    std::uint64_t begin;
    std::uint64_t end;
};

std::string text(const PrimeSum& total) {
    return std::to_string(total.count) + " " +
           std::to_string(static_cast<std::uint64_t>(total.sum >> 64)) + " " +
           std::to_string(static_cast<std::uint64_t>(total.sum));
}

PrimeSum by_next_prime(Interval interval) {
    PrimeSum total;
    primesieve::iterator primes(interval.begin, interval.end);
    for (std::uint64_t p = primes.next_prime(); p < interval.end; p = primes.next_prime()) {
        total += {1, p};
    }
    return total;
}

/// The sum of about a thousand neighbouring primes: as many times the first one, and 64 bits for
/// what the others are above it.
__attribute__((target_clones("avx512f", "avx2", "default"))) PrimeSum sum_of_block(
    const std::uint64_t* primes, std::size_t size) {
    std::uint64_t above_first = 0;
    for (std::size_t i = 0; i < size; ++i) {
        above_first += primes[i] - primes[0];
    }
    return {size, uint128{primes[0]} * size + above_first};
}

PrimeSum by_blocks(Interval interval) {
    PrimeSum total;
    primesieve::iterator primes(interval.begin, interval.end);
    primes.generate_next_primes();
    while (primes.primes_[primes.size_ - 1] < interval.end) {
        total += sum_of_block(primes.primes_, primes.size_);
        primes.generate_next_primes();
    }
    for (std::size_t i = 0; primes.primes_[i] < interval.end; ++i) {
        total += {1, primes.primes_[i]};
    }
    return total;
}

using SumOne = PrimeSum (*)(Interval);

/// Two threads by hand, each with half of the range.
PrimeSum on_two_threads(Interval interval, SumOne sum) {
    const std::uint64_t middle = interval.begin + (interval.end - interval.begin) / 2;
    PrimeSum first;
    std::thread other([&] { first = sum({interval.begin, middle}); });
    const PrimeSum second = sum({middle, interval.end});
    other.join();
    return first + second;
}

/// The command's own job on a warm pool.
PrimeSum by_pool(pinfold::Pool& pool, Interval interval, Method method) {
    const pinfold::Range range{interval.begin, interval.end};
    pinfold::JobSettings settings;
    settings.grain = pinfold::apps::prime_sum_grain(method, range);
    return sum_primes(pool, range, method, settings).value;
}

/// Pools of one worker and of two, made before anything else so that their forks are small.
struct Pools {
    pinfold::Pool one{{.workers = 1}};
    pinfold::Pool two{{.workers = 2}};
};

void enter_sum(Pools& pools, const std::string& name, Interval interval, int repeats) {
    enter({name,
           repeats,
           {{"next_prime", [=] { return text(by_next_prime(interval)); }},
            {"blocks", [=] { return text(by_blocks(interval)); }},
            {"pinfold",
             [&pools, interval] { return text(by_pool(pools.one, interval, Method::sieve)); }}},
           2});
}

void enter_sum_on_two(Pools& pools, const std::string& name, Interval interval, int repeats) {
    enter({name,
           repeats,
           {{"next_prime", [=] { return text(on_two_threads(interval, by_next_prime)); }},
            {"blocks", [=] { return text(on_two_threads(interval, by_blocks)); }},
            {"pinfold",
             [&pools, interval] { return text(by_pool(pools.two, interval, Method::sieve)); }}},
           2});
}

/// Narrow ranges at large begins, where primesieve counts, which is quicker than its iterator.
void enter_narrow(Pools& pools, const std::string& name, Interval interval) {
    enter({name,
           3,
           {{"count",
             [=] {
                 return std::to_string(primesieve::count_primes(interval.begin, interval.end - 1));
             }},
            {"pinfold", [&pools, interval] {
                 return std::to_string(by_pool(pools.one, interval, Method::hybrid).count);
             }}}});
}

/// The same job on two workers beside one.
void enter_workers(Pools& pools, const std::string& name, Interval interval) {
    enter(
        {name,
         7,
         {{"one", [&pools, interval] { return text(by_pool(pools.one, interval, Method::sieve)); }},
          {"two",
           [&pools, interval] { return text(by_pool(pools.two, interval, Method::sieve)); }}}});
}

/// What the sum costs on top of the count: the kernels alone, with one bitmap of sieving primes.
void enter_sum_beside_count(Interval interval) {
    auto bitmap = std::make_shared<std::vector<std::byte>>(sieving_bitmap_bytes(interval.end));
    find_sieving_primes(0, bitmap->size(), *bitmap);
    const std::uint64_t begin = interval.begin;
    const std::uint64_t end = interval.end;
    enter({"sum_beside_count_0_1e9",
           7,
           {{"count", [=] { return std::to_string(prime_count(begin, end, *bitmap)); }},
            {"sum", [=] { return std::to_string(prime_sum(begin, end, *bitmap).count); }}}});
}

void enter_all(Pools& pools) {
    constexpr std::uint64_t billion = 1'000'000'000;
    constexpr std::uint64_t ten_to_18 = billion * billion;
    constexpr std::uint64_t high_end = 0 - std::uint64_t{50'000'000};
    enter_sum(pools, "sum_0_1e9", {0, billion}, 7);
    enter_sum(pools, "sum_0_1e10", {0, 10 * billion}, 3);
    enter_sum(pools, "sum_1e12_1e9", {1'000 * billion, 1'001 * billion}, 7);
    enter_sum(pools, "sum_1e15_1e9", {1'000'000 * billion, 1'000'001 * billion}, 5);
    enter_sum(pools, "sum_1e18_1e9", {ten_to_18, ten_to_18 + billion}, 3);
    enter_sum_on_two(pools, "sum_1e18_1e9_on_two", {ten_to_18, ten_to_18 + billion}, 3);
    enter_sum_on_two(pools, "sum_1e18_1e10_on_two", {ten_to_18, ten_to_18 + 10 * billion}, 1);
    enter_narrow(pools, "narrow_1e18_1e6", {ten_to_18, ten_to_18 + 1'000'000});
    enter_narrow(pools, "narrow_last_1e6", {high_end - 1'000'000, high_end});
    enter_sum_beside_count({0, billion});
    enter_workers(pools, "workers_0_2e9", {0, 2 * billion});
    enter_workers(pools, "workers_0_2e10", {0, 20 * billion});
}

}  // namespace

int main(int argc, char** argv) {
    Pools pools;
    return run_benches(argc, argv, [&] {
        benchmark::AddCustomContext("primesieve", primesieve::primesieve_version());
        enter_all(pools);
    });
}

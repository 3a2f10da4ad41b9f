// Sums of primes beside libprimesieve, which sums in two ways: prime by prime through its iterator,
// and by the blocks of primes that the iterator makes; it counts in a quicker one. The jobs run on
// warm pools of one and two worker processes, the peer on one thread, or on two that halve the
// range. All of them find their sieving primes each time.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"
#include "harness/worker_pools.hpp"
#include "jobs/primes/prime_sums.hpp"
#include "peers/primes/primesieve_peer.hpp"

namespace {

using namespace bench;
using namespace pinfold::kernels;
using pinfold::apps::Method;

std::string text(const PrimeSum& total) {
    return std::to_string(total.count) + " " +
           std::to_string(static_cast<std::uint64_t>(total.sum >> 64)) + " " +
           std::to_string(static_cast<std::uint64_t>(total.sum));
}

std::string text(const PrimesieveSum& total) {
    return text(PrimeSum{total.count, total.sum});
}

using SumOne = PrimesieveSum (*)(Interval);

/// Calls `work` in two threads by hand, each with half of the range.
template <typename Work>
auto on_two_threads(Interval interval, Work work) {
    const std::uint64_t middle = interval.begin + (interval.end - interval.begin) / 2;
    decltype(work(interval)) first{};
    std::thread other([&] { first = work({interval.begin, middle}); });
    const auto second = work({middle, interval.end});
    other.join();
    return std::pair{first, second};
}

PrimesieveSum sum_on_two_threads(Interval interval, SumOne sum) {
    const auto [first, second] = on_two_threads(interval, sum);
    return {first.count + second.count, first.sum + second.sum};
}

/// The command's own job on a warm pool.
PrimeSum by_pool(pinfold::Pool& pool, Interval interval, Method method) {
    const pinfold::Range range{interval.begin, interval.end};
    pinfold::JobSettings settings;
    settings.grain = pinfold::apps::prime_sum_grain(method, range);
    return sum_primes(pool, range, method, settings).value;
}

/// The peers: the packaged primesieve, and the newest one if the build has it.
struct Primesieves {
    PrimesievePeer packaged = packaged_primesieve().value();
    std::optional<PrimesievePeer> newest = newest_primesieve();

    /// Calls visit(prefix of the names of its cases, peer) for each.
    template <typename Visit>
    void each(Visit visit) const {
        visit(std::string(), packaged);
        if (newest) {
            visit(std::string("newest_"), *newest);
        }
    }
};

/// What a contest runs on: a worker or two, or as many threads.
enum class Parties { one, two };

/// What is summed and counted, how often, and on what.
struct Window {
    std::string name;
    Interval interval;
    int repeats;
    Parties parties;

    [[nodiscard]] pinfold::Pool& pool_of(WorkerPools& pools) const {
        return parties == Parties::one ? pools.one : pools.two;
    }
    [[nodiscard]] int cpu_of(const WorkerPools& pools) const {
        return parties == Parties::one ? pools.cpu_of_one : -1;
    }
};

void enter_sum(WorkerPools& pools, const Primesieves& primesieves, const Window& window) {
    KernelContest contest;
    contest.name = "sum_" + window.name;
    contest.repeats = window.repeats;
    contest.cpu = window.cpu_of(pools);
    const auto add = [&](const std::string& name, SumOne sum) {
        contest.contestants.push_back({name, [window, sum] {
                                           return text(
                                               window.parties == Parties::one
                                                   ? sum(window.interval)
                                                   : sum_on_two_threads(window.interval, sum));
                                       }});
    };
    primesieves.each([&](const std::string& prefix, const PrimesievePeer& peer) {
        add(prefix + "next_prime", peer.by_next_prime);
        add(prefix + "blocks", peer.by_blocks);
    });
    contest.peers = contest.contestants.size();
    contest.contestants.push_back({"pinfold", [&pool = window.pool_of(pools), window] {
                                       return text(by_pool(pool, window.interval, Method::sieve));
                                   }});
    enter(std::move(contest));
}

/// Adds primesieve's counts, which are quicker than its iterator.
void add_counts(KernelContest& contest, const Primesieves& primesieves, const Window& window) {
    primesieves.each([&](const std::string& prefix, const PrimesievePeer& peer) {
        contest.contestants.push_back({prefix + "count", [count = peer.count, window] {
                                           if (window.parties == Parties::one) {
                                               return std::to_string(count(window.interval));
                                           }
                                           const auto [first, second] =
                                               on_two_threads(window.interval, count);
                                           return std::to_string(first + second);
                                       }});
    });
    contest.peers = contest.contestants.size();
}

/// pinfold's sum, and its count where there is one worker, beside what primesieve takes to count.
void enter_beside_count(WorkerPools& pools, const Primesieves& primesieves, const Window& window) {
    KernelContest contest;
    contest.name = "beside_count_" + window.name;
    contest.repeats = window.repeats;
    contest.cpu = window.cpu_of(pools);
    add_counts(contest, primesieves, window);
    contest.contestants.push_back({"sum", [&pool = window.pool_of(pools), window] {
                                       return std::to_string(
                                           by_pool(pool, window.interval, Method::sieve).count);
                                   }});
    if (window.parties == Parties::one) {
        contest.contestants.push_back({"pinfold_count", [interval = window.interval] {
                                           return std::to_string(
                                               prime_count(interval.begin, interval.end));
                                       }});
    }
    enter(std::move(contest));
}

/// Narrow windows at large begins.
void enter_narrow(WorkerPools& pools, const Primesieves& primesieves, const Window& window) {
    KernelContest contest;
    contest.name = "narrow_" + window.name;
    contest.repeats = window.repeats;
    contest.cpu = window.cpu_of(pools);
    add_counts(contest, primesieves, window);
    contest.contestants.push_back({"pinfold", [&pool = window.pool_of(pools), window] {
                                       return std::to_string(
                                           by_pool(pool, window.interval, Method::hybrid).count);
                                   }});
    enter(std::move(contest));
}

/// The same job on two workers beside one.
void enter_workers(WorkerPools& pools, const std::string& name, Interval interval) {
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

void enter_all(WorkerPools& pools, const Primesieves& primesieves) {
    constexpr std::uint64_t billion = 1'000'000'000;
    constexpr std::uint64_t ten_to_18 = billion * billion;
    constexpr std::uint64_t high_end = 0 - std::uint64_t{50'000'000};
    constexpr auto million = std::uint64_t{1'000'000};
    constexpr Interval far_1e9 = {ten_to_18, ten_to_18 + billion};
    const std::vector<Window> windows = {
        {"0_1e9", {0, billion}, 7, Parties::one},
        {"0_1e10", {0, 10 * billion}, 3, Parties::one},
        {"1e12_1e9", {1'000 * billion, 1'001 * billion}, 7, Parties::one},
        {"1e15_1e9", {million * billion, (million + 1) * billion}, 5, Parties::one},
        {"1e18_1e9", far_1e9, 3, Parties::one},
        {"1e18_1e9_on_two", far_1e9, 3, Parties::two},
        {"1e18_1e10_on_two", {ten_to_18, ten_to_18 + 10 * billion}, 3, Parties::two}};
    for (const Window& window : windows) {
        enter_sum(pools, primesieves, window);
        enter_beside_count(pools, primesieves, window);
    }
    enter_narrow(pools, primesieves,
                 {"1e18_1e6", {ten_to_18, ten_to_18 + million}, 3, Parties::one});
    enter_narrow(pools, primesieves, {"last_1e6", {high_end - million, high_end}, 3, Parties::one});
    enter_sum_beside_count({0, billion});
    enter_workers(pools, "workers_0_2e9", {0, 2 * billion});
    enter_workers(pools, "workers_0_2e10", {0, 20 * billion});
}

}  // namespace

int main(int argc, char** argv) {
    WorkerPools pools;
    const Primesieves primesieves;
    return run_benches(argc, argv, [&] {
        add_kernel_context();
        benchmark::AddCustomContext("primesieve", primesieves.packaged.version);
        if (primesieves.newest) {
            benchmark::AddCustomContext("newest_primesieve", primesieves.newest->version);
        }
        enter_all(pools, primesieves);
    });
}

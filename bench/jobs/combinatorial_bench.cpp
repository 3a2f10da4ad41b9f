// The primes up to x counted and summed by the combinatorial method, beside libprimecount's count;
// the sum has the same peer, for no packaged library sums. The jobs run on warm pools of one worker
// process, beside one thread, and of two, beside two.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"
#include "harness/worker_pools.hpp"
#include "jobs/primes/combinatorial_job.hpp"
#include "peers/primes/primecount_peer.hpp"

namespace {

using namespace bench;
using pinfold::kernels::PrimeTerm;
using pinfold::kernels::uint128;

/// A power of ten with its count of primes (OEIS A006880) and their sum (A046731).
struct Known {
    const char* name;
    std::uint64_t x;
    std::uint64_t count;
    uint128 sum;
    int repeats;
};

/// A number from two parts of its decimal digits: high * 10^18 + low.
constexpr uint128 decimal(std::uint64_t high, std::uint64_t low) {
    return uint128{high} * 1'000'000'000'000'000'000 + low;
}

constexpr std::array<Known, 5> all_known = {{
    {"1e12", 1'000'000'000'000, 37'607'912'018, decimal(18435, 588'552'550'705'911'377), 15},
    {"1e13", 10'000'000'000'000, 346'065'536'839, decimal(1'699'246, 443'377'779'418'889'494), 15},
    {"1e14", 100'000'000'000'000, 3'204'941'750'802, decimal(157'589'260, 710'736'940'541'561'021),
     7},
    {"1e15", 1'000'000'000'000'000, 29'844'570'422'669,
     decimal(14'692'398'516, 908'006'398'225'702'366), 5},
    {"1e16", 10'000'000'000'000'000, 279'238'341'033'925,
     decimal(1'376'110'854'313, 351'899'159'632'866'552), 3},
}};

/// What a contestant answers: the same for all who have the published value.
std::string verdict(uint128 value, uint128 published) {
    return value == published ? "as published" : "wrong";
}

std::string by_primecount(const PrimecountPeer& peer, const Known& known, int threads) {
    return verdict(peer.count_up_to(known.x, threads), known.count);
}

std::string by_pool(pinfold::Pool& pool, PrimeTerm term, const Known& known) {
    return verdict(pinfold::apps::total_primes_up_to(pool, term, known.x, {}).value,
                   term == PrimeTerm::one ? known.count : known.sum);
}

/// The peers: the packaged primecount, and the newest one if the build has it.
struct Primecounts {
    PrimecountPeer packaged = packaged_primecount().value();
    std::optional<PrimecountPeer> newest = newest_primecount();
};

void enter_term(WorkerPools& pools, pinfold::Pool& pool, const Primecounts& primecounts,
                PrimeTerm term, const Known& known) {
    KernelContest contest;
    contest.name = term == PrimeTerm::one ? "count_to_" : "sum_to_";
    contest.name += known.name;
    if (pool.workers() > 1) {
        contest.name += "_on_two";
    } else {
        contest.cpu = pools.cpu_of_one;
    }
    contest.repeats = known.repeats;
    const auto add = [&](const char* name, const PrimecountPeer& peer) {
        contest.contestants.push_back({name, [&peer, &known, threads = pool.workers()] {
                                           return by_primecount(peer, known, threads);
                                       }});
    };
    add("primecount", primecounts.packaged);
    if (primecounts.newest) {
        add("newest_primecount", *primecounts.newest);
    }
    contest.peers = contest.contestants.size();
    contest.contestants.push_back(
        {"pinfold", [&pool, &known, term] { return by_pool(pool, term, known); }});
    enter(std::move(contest));
}

}  // namespace

int main(int argc, char** argv) {
    WorkerPools pools;
    const Primecounts primecounts;
    return run_benches(argc, argv, [&] {
        add_kernel_context();
        benchmark::AddCustomContext("primecount", primecounts.packaged.version);
        if (primecounts.newest) {
            benchmark::AddCustomContext("newest_primecount", primecounts.newest->version);
        }
        for (const Known& known : all_known) {
            for (pinfold::Pool* const pool : {&pools.one, &pools.two}) {
                enter_term(pools, *pool, primecounts, PrimeTerm::one, known);
                enter_term(pools, *pool, primecounts, PrimeTerm::prime, known);
            }
        }
    });
}

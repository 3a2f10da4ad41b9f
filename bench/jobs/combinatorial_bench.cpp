// The primes up to x counted and summed by the combinatorial method, beside libprimecount's count
// on one thread; the sum has the same peer, for no packaged library sums. The jobs run on warm
// pools of one and two worker processes.
#include <benchmark/benchmark.h>
#include <primecount.h>

#include <array>
#include <cstdint>
#include <string>

#include "harness/kernel_contest.hpp"
#include "harness/rounds.hpp"
#include "jobs/primes/combinatorial_job.hpp"

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

constexpr std::array<Known, 3> all_known = {{
    {"1e12", 1'000'000'000'000, 37'607'912'018, decimal(18435, 588'552'550'705'911'377), 15},
    {"1e14", 100'000'000'000'000, 3'204'941'750'802, decimal(157'589'260, 710'736'940'541'561'021),
     7},
    {"1e16", 10'000'000'000'000'000, 279'238'341'033'925,
     decimal(1'376'110'854'313, 351'899'159'632'866'552), 3},
}};

/// What a contestant answers: the same for all who have the published value.
std::string verdict(uint128 value, uint128 published) {
    return value == published ? "as published" : "wrong";
}

std::string by_primecount(const Known& known) {
    const auto count = primecount_pi(static_cast<std::int64_t>(known.x));
    return verdict(static_cast<std::uint64_t>(count), known.count);
}

std::string by_pool(pinfold::Pool& pool, PrimeTerm term, const Known& known) {
    return verdict(pinfold::apps::total_primes_up_to(pool, term, known.x, {}).value,
                   term == PrimeTerm::one ? known.count : known.sum);
}

/// Pools of one worker and of two, made before anything else so that their forks are small.
struct Pools {
    pinfold::Pool one{{.workers = 1}};
    pinfold::Pool two{{.workers = 2}};
};

void enter_term(Pools& pools, const std::string& name, PrimeTerm term, const Known& known) {
    KernelContest contest;
    contest.name = name + known.name;
    contest.repeats = known.repeats;
    contest.contestants = {
        {"primecount", [&known] { return by_primecount(known); }},
        {"one_worker", [&pools, &known, term] { return by_pool(pools.one, term, known); }},
        {"two_workers", [&pools, &known, term] { return by_pool(pools.two, term, known); }}};
    enter(contest);
}

}  // namespace

int main(int argc, char** argv) {
    Pools pools;
    return run_benches(argc, argv, [&] {
        primecount_set_num_threads(1);
        benchmark::AddCustomContext("primecount", primecount_version());
        for (const Known& known : all_known) {
            enter_term(pools, "count_to_", PrimeTerm::one, known);
            enter_term(pools, "sum_to_", PrimeTerm::prime, known);
        }
    });
}

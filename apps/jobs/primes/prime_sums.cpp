#include "jobs/primes/prime_sums.hpp"

#include <algorithm>
#include <functional>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <stdexcept>

#include "jobs/primes/sieve_phases.hpp"

namespace pinfold::apps {

namespace {

using kernels::PrimeSum;

struct SumJob {
    Method method;
    kernels::SuperRanges super_ranges{};
};

struct EachJob {
    Method method;
    kernels::SuperRanges super_ranges{};  // none: the tasks are not one range
    Ends ends{};
    std::span<PrimeSum> rows{};
};

template <typename Job>
PrimeSum sum_in_worker(const Job& job, Range range, const PhaseMemory& memory) {
    switch (job.method) {
        case Method::sieve:
            return sieve_in_worker(job.super_ranges, range, memory);
        case Method::hybrid:
            return kernels::prime_sum_by_testing(range.begin, range.end);
        case Method::combinatorial:
            throw std::invalid_argument("the method combinatorial has no chunks of a range");
        case Method::trial:
            break;
    }
    return kernels::prime_sum_by_trial_division(range.begin, range.end);
}

// The hybrid starts each chunk by the first multiples of the 6542 primes below 2^16, some 50 µs; a
// chunk of this many numbers takes about twenty times as long.
constexpr std::uint64_t hybrid_grain = std::uint64_t{1} << 17;

}  // namespace

std::uint64_t prime_sum_grain(Method method, Range range) {
    switch (method) {
        case Method::sieve:
            return sieve_grain(range);
        case Method::hybrid:
            return std::max(hybrid_grain, default_grain(range));
        case Method::combinatorial:
        case Method::trial:
            break;
    }
    return default_grain(range);
}

JobResult<PrimeSum> sum_primes(Pool& pool, Range range, Method method,
                               const JobSettings& settings) {
    SumJob job{method};
    Phases<SumJob> phases;
    JobSettings options = settings;
    if (method == Method::sieve) {
        options.grain = ChunkPlan(range, settings.grain).grain();
        options.chunk_set_up = sieve_set_up(range.end);
        job.super_ranges = plan_sieve(range, options.grain);
        phases = sieve_phases<SumJob>(range.end, job.super_ranges, options.grain);
    }
    return map_reduce(
        pool, range, job, phases,
        [](const SumJob& sum_job, const Chunk& chunk, const PhaseMemory& memory) {
            return sum_in_worker(sum_job, chunk, memory);
        },
        std::plus<>{}, options);
}

EachResult sum_primes_below_each(Pool& pool, Ends ends, Method method,
                                 const JobSettings& settings) {
    const shm::Array<PrimeSum> rows = pool.array<PrimeSum>(static_cast<std::size_t>(ends.size()));
    Phases<EachJob> phases;
    if (method == Method::sieve) {
        add_sieving_primes(phases, ends.last);
    }
    const JobReport report = for_each_chunk(
        pool, Range{0, ends.size()}, EachJob{method, {}, ends, rows.span()}, phases,
        [](const EachJob& job, const Chunk& chunk, const PhaseMemory& memory) {
            for (auto i : chunk) {
                job.rows[i] = sum_in_worker(job, Range{0, job.ends[i]}, memory);
            }
        },
        settings);
    return {{rows.begin(), rows.end()}, report};
}

}  // namespace pinfold::apps

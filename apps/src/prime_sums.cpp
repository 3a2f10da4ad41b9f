#include "prime_sums.hpp"

#include <algorithm>
#include <functional>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/engine/map_reduce.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <stdexcept>

namespace pinfold::apps {

namespace {

using kernels::PrimeSum;

struct SumJob {
    Method method;
};

struct EachJob {
    Method method;
    Ends ends;
    std::span<PrimeSum> rows;
};

/// The first phase of a sieve below `end`: its workers fill one bitmap of sieving primes together.
template <typename Job>
Phase sieving_primes_phase(uint128 end) {
    const std::size_t bytes = kernels::sieving_bitmap_bytes(end);
    return make_phase<Job>(Range{0, bytes}, kernels::sieving_bitmap_grain, bytes,
                           [](const Job&, const Chunk& chunk, const Left& left) {
                               kernels::find_sieving_primes(chunk.begin,
                                                            static_cast<std::size_t>(chunk.end),
                                                            left.of<std::byte>(0));
                           });
}

PrimeSum sum_in_worker(Method method, Range range, const Left& left) {
    switch (method) {
        case Method::sieve:
            return kernels::prime_sum(range.begin, range.end, left.of<std::byte>(0));
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

/// The settings with the phases that the method needs below `end`.
template <typename Job, typename R>
JobOptions<R> with_phases(const JobSettings& settings, Method method, uint128 end) {
    JobOptions<R> options{settings, {}};
    if (method == Method::sieve) {
        options.phases.push_back(sieving_primes_phase<Job>(end));
    }
    return options;
}

}  // namespace

std::uint64_t prime_sum_grain(Method method, Range range) {
    switch (method) {
        case Method::sieve:
            return kernels::prime_sum_grain(range.begin, range.end);
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
    return map_reduce(
        pool, range, SumJob{method},
        [](const SumJob& job, const Chunk& chunk, const Left& left) {
            return sum_in_worker(job.method, chunk, left);
        },
        std::plus<>{}, with_phases<SumJob, PrimeSum>(settings, method, range.end));
}

EachResult sum_primes_below_each(Pool& pool, Ends ends, Method method,
                                 const JobSettings& settings) {
    struct Done {};
    const shm::Array<PrimeSum> rows = pool.array<PrimeSum>(static_cast<std::size_t>(ends.size()));
    const auto result = map_reduce(
        pool, Range{0, ends.size()}, EachJob{method, ends, rows.span()},
        [](const EachJob& job, const Chunk& chunk, const Left& left) {
            for (std::uint64_t i = chunk.begin; i < chunk.end; ++i) {
                job.rows[i] = sum_in_worker(job.method, Range{0, job.ends[i]}, left);
            }
            return Done{};
        },
        [](Done, Done) { return Done{}; }, with_phases<EachJob, Done>(settings, method, ends.last));
    return {{rows.begin(), rows.end()}, result.report};
}

}  // namespace pinfold::apps

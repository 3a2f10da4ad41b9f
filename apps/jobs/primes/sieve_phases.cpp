#include "jobs/primes/sieve_phases.hpp"

#include <algorithm>
#include <cmath>
#include <pinfold/affinity/memory_headroom.hpp>
#include <pinfold/engine/chunk_plan.hpp>
#include <pinfold/kernels/prime_sum_cursor.hpp>

namespace pinfold::apps {

kernels::SuperRanges plan_sieve(Range range, std::uint64_t grain) {
    if (kernels::super_range_grain(range.begin, range.end) == 0) {
        return {};  // without asking the system, which takes longer than a short sum
    }
    const std::size_t free = affinity::memory_headroom().bytes;
    return kernels::plan_super_ranges(range.begin, range.end, grain,
                                      std::min(free / 2, kernels::default_multiples_bytes));
}

std::uint64_t sieve_grain(Range range) {
    const std::uint64_t shared = kernels::super_range_grain(range.begin, range.end);
    const std::uint64_t quickest =
        shared != 0 ? shared : kernels::prime_sum_grain(range.begin, range.end);
    return std::max(quickest, smallest_grain(range));
}

std::chrono::nanoseconds sieve_set_up(uint128 end) {
    constexpr double ns_a_prime = 8;  // of a first chunk beside the next one, at 10^15 and 10^18
    constexpr double largest_unlisted_prime = 1 << 26;
    const double root = std::min(std::sqrt(static_cast<double>(end)), largest_unlisted_prime);
    const auto ns = ns_a_prime * root / std::max(1.0, std::log(root));
    return std::chrono::nanoseconds(static_cast<std::int64_t>(ns));
}

kernels::PrimeSum sieve_in_worker(const kernels::SuperRanges& plan, Range chunk,
                                  const PhaseMemory& memory) {
    // A worker's chunks mostly follow each other.
    thread_local kernels::PrimeSumCursor cursor;
    const auto primes = memory.of<std::byte>(SieveMemory::sieving_primes);
    return plan.count == 0 ? cursor.sum(chunk.begin, chunk.end, primes)
                           : cursor.sum(chunk.begin, chunk.end, primes, plan,
                                        memory.of<std::byte>(SieveMemory::large_multiples));
}

}  // namespace pinfold::apps

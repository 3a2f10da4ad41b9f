#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <pinfold/kernels/super_ranges.hpp>

namespace pinfold::apps {

/// The memory of a sieve's phases, as PhaseMemory::of() numbers it.
enum SieveMemory : std::size_t { sieving_primes = 0, large_multiples = 1 };

/// The super-ranges of a sieve over `range` in chunks of `grain`, in no more memory than half of
/// what is free: with less, there are more of them. The value does not depend on it.
[[nodiscard]] kernels::SuperRanges plan_sieve(Range range, std::uint64_t grain);

/// The default chunk of a sieve, in numbers: the quickest, or smallest_grain(). A pure function of
/// the range.
[[nodiscard]] std::uint64_t sieve_grain(Range range);

/// What a chunk of a sieve below `end` costs beside its numbers where it does not go on from the
/// one before it: the first multiples of the primes that are not listed.
[[nodiscard]] std::chrono::nanoseconds sieve_set_up(uint128 end);

/// Adds the first phase of a sieve below `end`: its workers fill one bitmap of sieving primes
/// together.
template <typename Job>
void add_sieving_primes(Phases<Job>& phases, uint128 end) {
    const std::size_t bytes = kernels::sieving_bitmap_bytes(end);
    phases.add({.range = {0, bytes}, .grain = kernels::sieving_bitmap_grain, .bytes = bytes},
               [](const Job&, const Chunk& chunk, const PhaseMemory& memory) {
                   kernels::find_sieving_primes(chunk.begin, static_cast<std::size_t>(chunk.end),
                                                memory.of<std::byte>(SieveMemory::sieving_primes));
               });
}

/// Adds the phase before the chunks of super-range `number`, of `grain` numbers each: its workers
/// list the multiples of the large primes, slice by slice. `job.super_ranges` is the plan. The
/// first one brings the memory, which the others fill anew.
template <typename Job>
void add_large_multiples(Phases<Job>& phases, const kernels::SuperRanges& plan,
                         std::uint64_t number, std::uint64_t grain) {
    const std::uint64_t chunks = (plan.length - 1) / grain + 1;  // of all super-ranges but the last
    phases.add({.range = {0, kernels::SuperRanges::max_slices},
                .grain = 1,
                .bytes = number == 0 ? plan.bytes : 0,
                .first_chunk = number * chunks,
                .last_chunk = (number + 1) * chunks},
               [](const Job& job, const Chunk& chunk, const PhaseMemory& memory) {
                   const std::size_t super_range = memory.running() - SieveMemory::large_multiples;
                   kernels::find_large_multiples(
                       job.super_ranges, super_range, chunk.begin,
                       memory.of<std::byte>(SieveMemory::sieving_primes),
                       memory.of<std::byte>(SieveMemory::large_multiples));
               });
}

/// The phases of a sieve below `end` whose job holds `plan` as `job.super_ranges`.
template <typename Job>
[[nodiscard]] Phases<Job> sieve_phases(uint128 end, const kernels::SuperRanges& plan,
                                       std::uint64_t grain) {
    Phases<Job> phases;
    add_sieving_primes(phases, end);
    for (std::uint64_t number = 0; number < plan.count; ++number) {
        add_large_multiples(phases, plan, number, grain);
    }
    return phases;
}

/// The primes of a chunk, by what the phases left.
[[nodiscard]] kernels::PrimeSum sieve_in_worker(const kernels::SuperRanges& plan, Range chunk,
                                                const PhaseMemory& memory);

}  // namespace pinfold::apps

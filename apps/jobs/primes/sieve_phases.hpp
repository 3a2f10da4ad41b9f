#pragma once

#include <chrono>
#include <cstdint>
#include <pinfold/engine/phase.hpp>
#include <pinfold/engine/range.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <pinfold/kernels/sieving_primes.hpp>
#include <pinfold/kernels/super_ranges.hpp>
#include <vector>

namespace pinfold::apps {

/// The memory of a sieve's phases, as Left::of() numbers it.
enum SieveLeft : std::size_t { sieving_primes = 0, large_multiples = 1 };

/// The super-ranges of a sieve over `range` in chunks of `grain`, in no more memory than half of
/// what is free: with less, there are more of them. The value does not depend on it.
[[nodiscard]] kernels::SuperRanges plan_sieve(Range range, std::uint64_t grain);

/// The default chunk of a sieve, in numbers: the quickest, or smallest_grain(). A pure function of
/// the range.
[[nodiscard]] std::uint64_t sieve_grain(Range range);

/// What a chunk of a sieve below `end` costs beside its numbers where it does not go on from the
/// one before it: the first multiples of the primes that are not listed.
[[nodiscard]] std::chrono::nanoseconds sieve_set_up(uint128 end);

/// The first phase of a sieve below `end`: its workers fill one bitmap of sieving primes together.
template <typename Job>
[[nodiscard]] Phase sieving_primes_phase(uint128 end) {
    const std::size_t bytes = kernels::sieving_bitmap_bytes(end);
    return make_phase<Job>(Range{0, bytes}, kernels::sieving_bitmap_grain, bytes,
                           [](const Job&, const Chunk& chunk, const Left& left) {
                               kernels::find_sieving_primes(
                                   chunk.begin, static_cast<std::size_t>(chunk.end),
                                   left.of<std::byte>(SieveLeft::sieving_primes));
                           });
}

/// The phase before the chunks of super-range `number`, of `grain` numbers each: its workers list
/// the multiples of the large primes, slice by slice. `job.super_ranges` is the plan. The first one
/// brings the memory, which the others fill anew.
template <typename Job>
[[nodiscard]] Phase large_multiples_phase(const kernels::SuperRanges& plan, std::uint64_t number,
                                          std::uint64_t grain) {
    constexpr std::uint64_t slices = kernels::SuperRanges::max_slices;
    const auto list_slice = [](const Job& job, const Chunk& chunk, const Left& left) {
        kernels::find_large_multiples(job.super_ranges, chunk.begin / slices, chunk.begin % slices,
                                      left.of<std::byte>(SieveLeft::sieving_primes),
                                      left.of<std::byte>(SieveLeft::large_multiples));
    };
    Phase phase = make_phase<Job>(Range{number * slices, (number + 1) * slices}, 1,
                                  number == 0 ? plan.bytes : 0, list_slice);
    const std::uint64_t chunks = (plan.length - 1) / grain + 1;  // of all super-ranges but the last
    phase.first_chunk = number * chunks;
    phase.last_chunk = (number + 1) * chunks;
    return phase;
}

/// The phases of a sieve below `end` whose job holds `plan` as `job.super_ranges`.
template <typename Job>
[[nodiscard]] std::vector<Phase> sieve_phases(uint128 end, const kernels::SuperRanges& plan,
                                              std::uint64_t grain) {
    std::vector<Phase> phases{sieving_primes_phase<Job>(end)};
    for (std::uint64_t number = 0; number < plan.count; ++number) {
        phases.push_back(large_multiples_phase<Job>(plan, number, grain));
    }
    return phases;
}

/// The primes of a chunk, by what the phases left.
[[nodiscard]] kernels::PrimeSum sieve_in_worker(const kernels::SuperRanges& plan, Range chunk,
                                                const Left& left);

}  // namespace pinfold::apps

#pragma once

#include <cstddef>
#include <cstdint>
#include <pinfold/api.hpp>
#include <pinfold/kernels/uint128.hpp>
#include <span>

namespace pinfold::kernels {

/// What is added up over the primes.
enum class PrimeTerm : std::uint8_t {
    one,    ///< 1 each: their count
    prime,  ///< the prime itself: their sum
};

/// How the work is split between the parts of the combinatorial method. It decides how long the
/// method takes, and changes no result.
struct CombinatorialTuning {
    double y_over_cube_root = 0;  ///< 0 takes the measured best
    double z_over_y = 0;          ///< 0 takes the measured best
};

/// How the primes up to `x` are added up without finding them: what each phase does, and in how
/// many chunks. A pure function of `x`, the term and the tuning, made by combinatorial_plan().
/// Trivially copyable. The members below `term` are the kernel's own.
struct CombinatorialPlan {
    std::uint64_t x = 0;
    PrimeTerm term = PrimeTerm::one;

    std::uint64_t y = 0;            ///< the largest prime factor of a cofactor
    std::uint64_t z = 0;            ///< the largest cofactor
    std::uint64_t root = 0;         ///< floor(x^(1/2))
    std::uint64_t cube_root = 0;    ///< floor(x^(1/3))
    std::uint64_t fourth_root = 0;  ///< floor(x^(1/4))
    std::uint64_t segment_bytes = 0;
};

/// A phase of the method: `chunks` independent calls, which together leave `bytes` bytes for the
/// phases after it. A phase may start when the one before is complete.
struct CombinatorialPhase {
    std::uint64_t chunks = 0;
    std::size_t bytes = 0;
};

/// How many phases run_combinatorial_chunk() runs. combine_combinatorial() comes after them.
inline constexpr std::size_t combinatorial_phases = 3;

/// The plan for any x up to 2^64 - 1. Run time: microseconds.
/// Throws: std::invalid_argument for a tuning that is negative, infinite or not a number.
[[nodiscard]] PINFOLD_API CombinatorialPlan combinatorial_plan(std::uint64_t x, PrimeTerm term,
                                                               CombinatorialTuning tuning = {});

/// What phase number `phase`, below combinatorial_phases, consists of. A pure function of the plan.
[[nodiscard]] PINFOLD_API CombinatorialPhase combinatorial_phase(const CombinatorialPlan& plan,
                                                                 std::size_t phase);

/// Runs one chunk of a phase: reads what the phases before have left, and writes its own part of
/// memory[phase]. A chunk that runs again writes the same bytes.
///
/// `memory` holds one block for each phase up to this one: at least that phase's bytes, aligned to
/// 64 bytes, and all zeros before the phase's first chunk.
/// Memory: some MB of its own. Thread-safety: chunks of one phase may run at the same time.
/// Throws: std::bad_alloc; std::invalid_argument as active_isa() does.
PINFOLD_API void run_combinatorial_chunk(const CombinatorialPlan& plan, std::size_t phase,
                                         std::uint64_t chunk,
                                         std::span<const std::span<std::byte>> memory);

/// The count or the sum of the primes up to plan.x, from what all phases have left. Below 2^64 the
/// sum is below 2^122, so it is exact. Run time: about a thousandth of the phases'.
[[nodiscard]] PINFOLD_API uint128
combine_combinatorial(const CombinatorialPlan& plan, std::span<const std::span<std::byte>> memory);

/// The sum of the primes up to x, by the combinatorial method of Gourdon (2001). It runs every
/// phase in the calling thread, chunk by chunk.
///
/// Run time: O(x^(2/3) / log(x)^2). Memory: O(x^(1/2)): see docs/kernels.md.
/// Thread-safety: pure. Throws: std::bad_alloc.
[[nodiscard]] PINFOLD_API uint128 prime_sum_up_to(std::uint64_t x, CombinatorialTuning tuning = {});

/// The number of primes up to x, in the same way.
[[nodiscard]] PINFOLD_API std::uint64_t prime_count_up_to(std::uint64_t x,
                                                          CombinatorialTuning tuning = {});

}  // namespace pinfold::kernels

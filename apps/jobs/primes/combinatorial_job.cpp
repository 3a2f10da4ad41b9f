#include "jobs/primes/combinatorial_job.hpp"

#include <array>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <span>

namespace pinfold::apps {

namespace {

constexpr std::size_t phases = kernels::combinatorial_phases;

/// What the phases left, in the kernel's terms.
std::array<std::span<std::byte>, phases> memory_of_all(const PhaseMemory& from) {
    std::array<std::span<std::byte>, phases> memory;
    for (std::size_t phase = 0; phase < phases; ++phase) {
        memory[phase] = from.of<std::byte>(phase);
    }
    return memory;
}

Phases<kernels::CombinatorialPlan> phases_of(const kernels::CombinatorialPlan& plan) {
    Phases<kernels::CombinatorialPlan> all;
    for (std::size_t number = 0; number < phases; ++number) {
        const kernels::CombinatorialPhase phase = kernels::combinatorial_phase(plan, number);
        all.add({.range = {0, phase.chunks}, .grain = 1, .bytes = phase.bytes},
                [](const kernels::CombinatorialPlan& job, const Chunk& chunk,
                   const PhaseMemory& memory) {
                    const auto left = memory_of_all(memory);
                    kernels::run_combinatorial_chunk(job, memory.running(), chunk.begin,
                                                     std::span(left).first(memory.running() + 1));
                });
    }
    return all;
}

}  // namespace

JobResult<uint128> total_primes_up_to(Pool& pool, kernels::PrimeTerm term, std::uint64_t x,
                                      const JobSettings& settings,
                                      kernels::CombinatorialTuning tuning) {
    const kernels::CombinatorialPlan plan = kernels::combinatorial_plan(x, term, tuning);
    JobSettings options = settings;
    options.grain = 1;
    return map_reduce(
        pool, Range{x, uint128{x} + 1}, plan, phases_of(plan),
        [](const kernels::CombinatorialPlan& job, const Chunk&, const PhaseMemory& memory) {
            return kernels::combine_combinatorial(job, memory_of_all(memory));
        },
        std::plus<>{}, options);
}

}  // namespace pinfold::apps

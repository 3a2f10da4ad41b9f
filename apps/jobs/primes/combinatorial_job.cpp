#include "jobs/primes/combinatorial_job.hpp"

#include <array>
#include <functional>
#include <pinfold/engine/map_reduce.hpp>
#include <span>
#include <utility>
#include <vector>

namespace pinfold::apps {

namespace {

constexpr std::size_t phases = kernels::combinatorial_phases;

/// What the first `Count` phases left, in the kernel's terms.
template <std::size_t Count>
std::array<std::span<std::byte>, Count> memory_of(const Left& left) {
    std::array<std::span<std::byte>, Count> memory;
    for (std::size_t phase = 0; phase < Count; ++phase) {
        memory[phase] = left.of<std::byte>(phase);
    }
    return memory;
}

template <std::size_t Number>
Phase phase_of(const kernels::CombinatorialPlan& plan) {
    const kernels::CombinatorialPhase phase = kernels::combinatorial_phase(plan, Number);
    return make_phase<kernels::CombinatorialPlan>(
        Range{0, phase.chunks}, 1, phase.bytes,
        [](const kernels::CombinatorialPlan& job, const Chunk& chunk, const Left& left) {
            kernels::run_combinatorial_chunk(job, Number, chunk.begin, memory_of<Number + 1>(left));
        });
}

}  // namespace

JobResult<uint128> total_primes_up_to(Pool& pool, kernels::PrimeTerm term, std::uint64_t x,
                                      const JobSettings& settings,
                                      kernels::CombinatorialTuning tuning) {
    const kernels::CombinatorialPlan plan = kernels::combinatorial_plan(x, term, tuning);
    JobOptions<uint128> options{settings, {}};
    options.grain = 1;
    options.phases = [&]<std::size_t... Number>(std::index_sequence<Number...>) {
        return std::vector<Phase>{phase_of<Number>(plan)...};
    }
    (std::make_index_sequence<phases>{});
    return map_reduce(
        pool, Range{x, uint128{x} + 1}, plan,
        [](const kernels::CombinatorialPlan& job, const Chunk&, const Left& left) {
            return kernels::combine_combinatorial(job, memory_of<phases>(left));
        },
        std::plus<>{}, options);
}

}  // namespace pinfold::apps

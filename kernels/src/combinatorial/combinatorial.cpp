// Gourdon, X. (2001), Computation of pi(x): improvements to the Meissel, Lehmer, Lagarias, Miller,
// Odlyzko, Deleglise and Rivat method; for any completely multiplicative f in place of 1.
#include <algorithm>
#include <array>
#include <pinfold/kernels/combinatorial.hpp>
#include <pinfold/kernels/prime_sum.hpp>
#include <vector>

#include "combinatorial/combine.hpp"
#include "combinatorial/plan.hpp"

namespace pinfold::kernels {
namespace {

using Memory = std::span<const std::span<std::byte>>;

template <PrimeTerm T>
void run_task(const CombinatorialPlan& plan, std::size_t task, Memory memory) {
    const Tasks kinds = tasks(plan);
    const RootPrimes primes = root_primes(plan, memory[0]);
    const Tables tables = kernels::tables(plan, memory[1]);
    const LeafSums sums = leaf_sums(plan, memory[2]);
    Part part;
    std::size_t i = task;
    if (i < kinds.hard) {
        const std::size_t columns = columns_per_task(plan);
        part.sum = sum_hard_leaves<T>(plan, tables, hard_border(plan, i), hard_border(plan, i + 1),
                                      sums.columns.subspan(i * columns, columns));
    } else if (i -= kinds.hard; i < kinds.easy) {
        part.sum = sum_easy_leaves<T>(plan, tables, easy_border(plan, i), easy_border(plan, i + 1));
    } else if (i -= kinds.easy; i < kinds.pairs) {
        part = sum_pairs<T>(plan, primes, tables, pair_border(plan, i), pair_border(plan, i + 1));
    } else {
        const std::size_t first = (i - kinds.pairs) * ordinary_entries;
        const std::size_t last = std::min(first + ordinary_entries, factor_entry_from(plan.z + 1));
        part.sum = sum_ordinary_leaves<T>(plan, tables, first, last);
    }
    sums.tasks[task] = part;
}

/// Every phase, chunk by chunk.
uint128 run_serially(const CombinatorialPlan& plan) {
    struct alignas(64) Line {
        std::byte bytes[64];
    };
    std::array<std::vector<Line>, combinatorial_phases> lines;
    std::array<std::span<std::byte>, combinatorial_phases> memory;
    for (std::size_t phase = 0; phase < combinatorial_phases; ++phase) {
        const CombinatorialPhase needs = combinatorial_phase(plan, phase);
        lines[phase].resize((needs.bytes + sizeof(Line) - 1) / sizeof(Line));
        memory[phase] = {reinterpret_cast<std::byte*>(lines[phase].data()), needs.bytes};
        for (std::uint64_t chunk = 0; chunk < needs.chunks; ++chunk) {
            run_combinatorial_chunk(plan, phase, chunk, memory);
        }
    }
    return combine_combinatorial(plan, memory);
}

}  // namespace

CombinatorialPhase combinatorial_phase(const CombinatorialPlan& plan, std::size_t phase) {
    if (is_sieved(plan)) {
        return {};
    }
    switch (phase) {
        case 0:
            return {root_blocks(plan), root_primes_bytes(plan)};
        case 1:
            return {tables_chunks(plan), tables_bytes(plan)};
        default:
            return {tasks(plan).size(), leaf_sums_bytes(plan)};
    }
}

void run_combinatorial_chunk(const CombinatorialPlan& plan, std::size_t phase, std::uint64_t chunk,
                             std::span<const std::span<std::byte>> memory) {
    switch (phase) {
        case 0:
            return fill_root_block(plan, chunk, root_primes(plan, memory[0]));
        case 1:
            return fill_tables_chunk(plan, chunk, root_primes(plan, memory[0]),
                                     tables(plan, memory[1]));
        default:
            return plan.term == PrimeTerm::one ? run_task<PrimeTerm::one>(plan, chunk, memory)
                                               : run_task<PrimeTerm::prime>(plan, chunk, memory);
    }
}

uint128 combine_combinatorial(const CombinatorialPlan& plan,
                              std::span<const std::span<std::byte>> memory) {
    if (is_sieved(plan)) {
        const PrimeSum sieved = prime_sum(0, uint128{plan.x} + 1);
        return plan.term == PrimeTerm::one ? sieved.count : sieved.sum;
    }
    return combine(plan, tables(plan, memory[1]), leaf_sums(plan, memory[2]));
}

uint128 prime_sum_up_to(std::uint64_t x, CombinatorialTuning tuning) {
    return run_serially(combinatorial_plan(x, PrimeTerm::prime, tuning));
}

std::uint64_t prime_count_up_to(std::uint64_t x, CombinatorialTuning tuning) {
    return static_cast<std::uint64_t>(run_serially(combinatorial_plan(x, PrimeTerm::one, tuning)));
}

}  // namespace pinfold::kernels

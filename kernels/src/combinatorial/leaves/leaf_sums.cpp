#include "combinatorial/leaves/leaves.hpp"
#include "combinatorial/tables/parts.hpp"

namespace pinfold::kernels {
namespace {

LeafSums sum_parts(const CombinatorialPlan& plan, Parts& parts) noexcept {
    const Tasks kinds = tasks(plan);
    LeafSums sums;
    sums.tasks = parts.next<Part>(kinds.size());
    sums.columns = parts.next<Part>(kinds.hard * columns_per_task(plan));
    return sums;
}

}  // namespace

std::size_t columns_per_task(const CombinatorialPlan& plan) noexcept {
    return enough_for_primes(plan.fourth_root);
}

std::size_t leaf_sums_bytes(const CombinatorialPlan& plan) noexcept {
    Parts parts;
    sum_parts(plan, parts);
    return parts.used();
}

LeafSums leaf_sums(const CombinatorialPlan& plan, std::span<std::byte> memory) noexcept {
    Parts parts(memory.data());
    return sum_parts(plan, parts);
}

}  // namespace pinfold::kernels

#include <algorithm>

#include "combinatorial/leaves/leaves.hpp"
#include "combinatorial/tables/small_phi.hpp"

namespace pinfold::kernels {

template <PrimeTerm T>
uint128 sum_ordinary_leaves(const CombinatorialPlan& plan, const Tables& tables, std::size_t first,
                            std::size_t last) {
    const SmallPhi& phi = SmallPhi::instance();
    const std::uint16_t limit = largest_entry_of(largest_first_prime);
    uint128 total = first == 0 ? phi.sum<T>(plan.x) : 0;
    for (std::size_t i = first; i < last; ++i) {
        const std::uint16_t entry = tables.factors[i];
        if (entry <= limit) {
            continue;
        }
        const std::int64_t cofactor = cofactor_of(i, entry);
        const auto number = static_cast<std::uint64_t>(cofactor < 0 ? -cofactor : cofactor);
        const uint128 leaf = term_of<T>(number) * phi.sum<T>(plan.x / number);
        total += cofactor < 0 ? leaf : -leaf;
    }
    return total;
}

template uint128 sum_ordinary_leaves<PrimeTerm::one>(const CombinatorialPlan&, const Tables&,
                                                     std::size_t, std::size_t);
template uint128 sum_ordinary_leaves<PrimeTerm::prime>(const CombinatorialPlan&, const Tables&,
                                                       std::size_t, std::size_t);

}  // namespace pinfold::kernels

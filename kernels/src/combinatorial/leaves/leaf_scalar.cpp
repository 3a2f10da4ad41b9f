#define PINFOLD_LEAVES
#define PINFOLD_LEVEL scalar
#include "combinatorial/leaves/leaf_loops.inc"
#include "combinatorial/tables/factor_table.hpp"

namespace pinfold::kernels {

std::size_t collect_portably(const std::uint16_t* entries, std::size_t first, std::size_t last,
                             std::uint64_t prime, std::int32_t* out) noexcept {
    const std::uint16_t limit = largest_entry_of(prime);
    std::size_t count = 0;
    for (std::size_t i = first; i < last; ++i) {
        // Whether an entry qualifies is hard to predict, so each is written and few are kept.
        out[count] = cofactor_of(i, entries[i]);
        count += entries[i] > limit ? 1 : 0;
    }
    return count;
}

const LeafTables leaf_tables_scalar = {all_functions<PrimeTerm::one>(collect_portably),
                                       all_functions<PrimeTerm::prime>(collect_portably)};

}  // namespace pinfold::kernels

#include "combinatorial/leaves/leaf_functions.hpp"

#include "combinatorial/leaves/leaf_tables.hpp"

namespace pinfold::kernels {

template <>
const LeafFunctions<PrimeTerm::one>& leaf_functions<PrimeTerm::one>() {
    return leaf_tables(active_isa()).counts;
}

template <>
const LeafFunctions<PrimeTerm::prime>& leaf_functions<PrimeTerm::prime>() {
    return leaf_tables(active_isa()).sums;
}

}  // namespace pinfold::kernels

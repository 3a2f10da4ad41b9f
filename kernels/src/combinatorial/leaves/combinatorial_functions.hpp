#pragma once

#include "combinatorial/leaves/leaf_functions.hpp"
#include "isa/isa_table.hpp"

namespace pinfold::kernels {

/// What the combinatorial method has a version of for each instruction set: its loops over leaves.
struct CombinatorialFunctions {
    const LeafTables* leaves = &leaf_tables_scalar;
};

extern const IsaTable<CombinatorialFunctions> combinatorial_functions;

/// The functions over leaves of `isa`, which must be supported.
template <PrimeTerm T>
const LeafFunctions<T>& leaf_functions(Isa isa) noexcept {
    const LeafTables& tables = *combinatorial_functions.at(isa).leaves;
    if constexpr (T == PrimeTerm::one) {
        return tables.counts;
    } else {
        return tables.sums;
    }
}

/// Those of active_isa(); throws as that does.
template <PrimeTerm T>
const LeafFunctions<T>& leaf_functions() {
    return leaf_functions<T>(active_isa());
}

}  // namespace pinfold::kernels

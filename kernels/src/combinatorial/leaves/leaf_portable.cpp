// For processors other than x86-64: there is the scalar level alone.
#include "combinatorial/leaves/leaf_tables.hpp"

namespace pinfold::kernels {

const LeafTables& leaf_tables(Isa) noexcept {
    return leaf_tables_scalar;
}

}  // namespace pinfold::kernels

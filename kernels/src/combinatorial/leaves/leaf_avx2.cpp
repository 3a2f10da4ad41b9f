#define PINFOLD_LEAVES PINFOLD_AVX2
#define PINFOLD_LEVEL avx2
#include "combinatorial/leaves/leaf_loops.inc"

namespace pinfold::kernels {

const LeafTables leaf_tables_avx2 = {all_functions<PrimeTerm::one>(collect_portably),
                                     all_functions<PrimeTerm::prime>(collect_portably)};

}  // namespace pinfold::kernels

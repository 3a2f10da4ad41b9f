#define PINFOLD_LEAVES __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define PINFOLD_LEVEL avx2_functions
#include "combinatorial/leaves/leaf_loops.inc"
#include "combinatorial/leaves/leaf_tables.hpp"

namespace pinfold::kernels {

const LeafTables leaf_tables_avx2 = {all_functions<PrimeTerm::one>(collect_portably),
                                     all_functions<PrimeTerm::prime>(collect_portably)};

}  // namespace pinfold::kernels

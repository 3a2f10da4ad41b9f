#include "combinatorial/leaves/combinatorial_functions.hpp"

namespace pinfold::kernels {

// Without VPOPCNTDQ and compression, the wider vectors gain nothing over AVX2.
constinit const IsaTable<CombinatorialFunctions> combinatorial_functions = {
    .scalar = {},
    .avx2 = {.leaves = &leaf_tables_avx2},
    .avx512 = {.leaves = &leaf_tables_avx2},
    .avx512ice = {.leaves = &leaf_tables_avx512ice},
};

}  // namespace pinfold::kernels

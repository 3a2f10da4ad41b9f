#include "primality/primality_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<PrimalityFunctions> primality_functions = {
    .scalar = {},
    .avx2 = {.list_open = list_open_avx2, .test_batch = test_batch_avx2},
    .avx512 = {.list_open = list_open_avx512, .test_batch = test_batch_avx2},
    .avx512ice = {.list_open = list_open_avx512, .test_batch = test_batch_avx512ice},
};

}  // namespace pinfold::kernels

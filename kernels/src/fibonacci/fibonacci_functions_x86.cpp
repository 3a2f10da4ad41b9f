#include "fibonacci/fibonacci_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<FibonacciFunctions> fibonacci_functions = {
    .scalar = {},
    .avx2 = {.sum_streams = sum_streams_avx2, .fill_table = fill_table_avx2},
    .avx512 = {.sum_streams = sum_streams_avx512, .fill_table = fill_table_avx512},
    .avx512ice = {.sum_streams = sum_streams_avx512, .fill_table = fill_table_avx512},
};

}  // namespace pinfold::kernels

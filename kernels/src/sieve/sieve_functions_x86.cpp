#include "sieve/sieve_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<SieveFunctions> sieve_functions = {
    .scalar = {},
    .avx2 = {.and_patterns = and_patterns_avx2,
             .sum_bits = sum_bits_avx2,
             .count_bits = count_bits_avx2},
    .avx512 = {.and_patterns = and_patterns_avx512,
               .sum_bits = sum_bits_avx512,
               .count_bits = count_bits_avx512},
    .avx512ice = {.and_patterns = and_patterns_avx512,
                  .sum_bits = sum_bits_avx512ice,
                  .count_bits = count_bits_avx512ice},
};

}  // namespace pinfold::kernels

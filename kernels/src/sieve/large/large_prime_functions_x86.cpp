#include "sieve/large/large_prime_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<LargePrimeFunctions> large_prime_functions = {
    .scalar = {},
    .avx2 = {.set_up = set_up_large_primes_avx2, .take_multiples = take_large_multiples_avx2},
    .avx512 = {.set_up = set_up_large_primes_avx512, .take_multiples = take_large_multiples_avx512},
    .avx512ice = {.set_up = set_up_large_primes_avx512,
                  .take_multiples = take_large_multiples_avx512},
};

}  // namespace pinfold::kernels

#pragma once

#include "isa/isa_table.hpp"
#include "sieve/large/large_primes.hpp"

namespace pinfold::kernels {

/// What the large sieving primes have a version of for each instruction set.
struct LargePrimeFunctions {
    SetUpLargePrimes* set_up = set_up_large_primes_scalar;
    TakeLargeMultiples* take_multiples = take_large_multiples_scalar;
};

extern const IsaTable<LargePrimeFunctions> large_prime_functions;

}  // namespace pinfold::kernels

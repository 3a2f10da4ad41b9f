#pragma once

#include "isa/isa_table.hpp"
#include "primality/probable_primes_batch.hpp"
#include "primality/small_factors.hpp"

namespace pinfold::kernels {

/// What the primality tests have a version of for each instruction set.
struct PrimalityFunctions {
    ListOpen* list_open = list_open_scalar;
    TestBatch* test_batch = test_batch_scalar;
};

extern const IsaTable<PrimalityFunctions> primality_functions;

}  // namespace pinfold::kernels

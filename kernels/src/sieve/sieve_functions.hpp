#pragma once

#include "isa/isa_table.hpp"
#include "sieve/bits.hpp"

namespace pinfold::kernels {

/// What the sieve has a version of for each instruction set.
struct SieveFunctions {
    AndPatterns* and_patterns = and_patterns_scalar;
    SumBits* sum_bits = sum_bits_scalar;
    CountBits* count_bits = count_bits_scalar;
};

extern const IsaTable<SieveFunctions> sieve_functions;

}  // namespace pinfold::kernels

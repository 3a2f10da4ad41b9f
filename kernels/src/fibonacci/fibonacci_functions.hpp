#pragma once

#include "fibonacci/fibonacci_streams.hpp"
#include "fibonacci/fibonacci_table.hpp"
#include "isa/isa_table.hpp"

namespace pinfold::kernels {

/// What the Fibonacci numbers mod m have a version of for each instruction set.
struct FibonacciFunctions {
    SumStreams* sum_streams = sum_streams_scalar;
    FillTable* fill_table = fill_table_scalar;
};

extern const IsaTable<FibonacciFunctions> fibonacci_functions;

}  // namespace pinfold::kernels

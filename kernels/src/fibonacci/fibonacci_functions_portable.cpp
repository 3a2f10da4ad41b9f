// For processors other than x86-64: there is the scalar level alone.
#include "fibonacci/fibonacci_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<FibonacciFunctions> fibonacci_functions{};

}  // namespace pinfold::kernels

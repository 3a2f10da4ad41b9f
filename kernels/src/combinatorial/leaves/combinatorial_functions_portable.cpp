// For processors other than x86-64: there is the scalar level alone.
#include "combinatorial/leaves/combinatorial_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<CombinatorialFunctions> combinatorial_functions{};

}  // namespace pinfold::kernels

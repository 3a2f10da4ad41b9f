// For processors other than x86-64: there is the scalar level alone.
#include "primality/primality_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<PrimalityFunctions> primality_functions{};

}  // namespace pinfold::kernels

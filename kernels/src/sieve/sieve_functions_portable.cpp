// For processors other than x86-64: there is the scalar level alone.
#include "sieve/sieve_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<SieveFunctions> sieve_functions{};

}  // namespace pinfold::kernels

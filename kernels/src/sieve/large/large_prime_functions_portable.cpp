// For processors other than x86-64: there is the scalar level alone.
#include "sieve/large/large_prime_functions.hpp"

namespace pinfold::kernels {

constinit const IsaTable<LargePrimeFunctions> large_prime_functions{};

}  // namespace pinfold::kernels

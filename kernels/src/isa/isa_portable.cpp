// For processors other than x86-64: there is the scalar level alone.
#include "isa/isa_detection.hpp"
#include "isa/isa_functions.hpp"

namespace pinfold::kernels {

Isa detect_isa() noexcept {
    return Isa::scalar;
}

const IsaFunctions& isa_functions(Isa) noexcept {
    return scalar_functions;
}

}  // namespace pinfold::kernels

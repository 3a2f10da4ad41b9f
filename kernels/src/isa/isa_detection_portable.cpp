// For processors other than x86-64: there is the scalar level alone.
#include "isa/isa_detection.hpp"

namespace pinfold::kernels {

Isa detect_isa() noexcept {
    return Isa::scalar;
}

}  // namespace pinfold::kernels

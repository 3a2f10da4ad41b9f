// For processors other than x86-64, which tell it to the system alone.
#include "isa/first_level_cache.hpp"

namespace pinfold::kernels {

std::size_t first_level_cache_bytes() noexcept {
    return std::size_t{1} << 15;
}

}  // namespace pinfold::kernels

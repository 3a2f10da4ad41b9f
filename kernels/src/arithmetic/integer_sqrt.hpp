#pragma once

#include <cmath>
#include <cstdint>

namespace pinfold::kernels {

/// floor(sqrt(n)), exactly: the double is off by one at most.
inline std::uint64_t integer_sqrt(std::uint64_t n) noexcept {
    auto root = static_cast<std::uint64_t>(std::sqrt(static_cast<double>(n)));
    if (root > 0xFFFF'FFFF || root * root > n) {
        --root;
    } else if (root < 0xFFFF'FFFF && (root + 1) * (root + 1) <= n) {
        ++root;
    }
    return root;
}

}  // namespace pinfold::kernels

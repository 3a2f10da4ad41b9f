#pragma once

#include <cstddef>

namespace pinfold::kernels {

/// The least multiple of `unit` that is n or more.
constexpr std::size_t round_up(std::size_t n, std::size_t unit) noexcept {
    return (n + unit - 1) / unit * unit;
}

}  // namespace pinfold::kernels

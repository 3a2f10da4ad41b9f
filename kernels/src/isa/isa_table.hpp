#pragma once

#include <pinfold/kernels/isa.hpp>

namespace pinfold::kernels {

/// A family's functions on each level. The members of `Functions` have the scalar functions as
/// their initial values, so a row names only those that have code of their own.
///
/// To add a path, such as primality on AVX-512: write the function in a file of its own, beside the
/// scalar one, and name it in primality_functions_x86.cpp, in the row of its level and in that of
/// each higher level that has nothing better. Each family has such a file.
template <typename Functions>
struct IsaTable {
    Functions scalar;
    Functions avx2;
    Functions avx512;
    Functions avx512ice;

    /// The functions of `isa`, which must be supported.
    [[nodiscard]] constexpr const Functions& at(Isa isa) const noexcept {
        switch (isa) {
            case Isa::avx2:
                return avx2;
            case Isa::avx512:
                return avx512;
            case Isa::avx512ice:
                return avx512ice;
            case Isa::scalar:
                break;
        }
        return scalar;
    }

    /// The functions of active_isa(); throws as that does.
    [[nodiscard]] const Functions& active() const { return at(active_isa()); }
};

}  // namespace pinfold::kernels

#include "combinatorial/leaves/leaf_tables.hpp"

namespace pinfold::kernels {

// Without VPOPCNTDQ and compression, the wider vectors gain nothing over AVX2.
const LeafTables& leaf_tables(Isa isa) noexcept {
    switch (isa) {
        case Isa::avx2:
        case Isa::avx512:
            return leaf_tables_avx2;
        case Isa::avx512ice:
            return leaf_tables_avx512ice;
        case Isa::scalar:
            break;
    }
    return leaf_tables_scalar;
}

}  // namespace pinfold::kernels

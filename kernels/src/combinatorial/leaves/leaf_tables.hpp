#pragma once

#include <pinfold/kernels/isa.hpp>

#include "combinatorial/leaves/leaf_functions.hpp"

namespace pinfold::kernels {

/// The functions of one level.
struct LeafTables {
    LeafFunctions<PrimeTerm::one> counts;
    LeafFunctions<PrimeTerm::prime> sums;
};

extern const LeafTables leaf_tables_scalar;
extern const LeafTables leaf_tables_avx2;
extern const LeafTables leaf_tables_avx512ice;

/// The functions of `isa`, which must be supported.
const LeafTables& leaf_tables(Isa isa) noexcept;

/// LeafFunctions::collect in portable code, for all levels without a better way.
std::size_t collect_portably(const std::uint16_t* entries, std::size_t first, std::size_t last,
                             std::uint64_t prime, std::int32_t* out) noexcept;

}  // namespace pinfold::kernels

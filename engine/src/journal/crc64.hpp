#pragma once

#include <boost/crc.hpp>
#include <cstdint>

namespace pinfold::detail {

/// CRC-64 of ECMA-182, which finds every burst of up to 64 wrong bits.
using Crc64 =
    boost::crc_optimal<64, 0x42f0e1eba9ea3693U, ~std::uint64_t{0}, ~std::uint64_t{0}, true, true>;

}  // namespace pinfold::detail

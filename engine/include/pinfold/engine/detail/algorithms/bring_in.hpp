#pragma once

// Memory that is about to be written, or moved. Not for users.

#include <cstddef>
#include <pinfold/api.hpp>

namespace pinfold::detail {

/// Brings shared memory in by one call of the system, which takes a part of the time that as
/// many page faults take (sort_bench). Its content stays.
PINFOLD_API void bring_in(std::byte* data, std::size_t bytes) noexcept;

}  // namespace pinfold::detail

#pragma once

// Temporary memory that a phase is about to write. Not for users.

#include <cstddef>
#include <pinfold/api.hpp>

namespace pinfold::detail {

/// Brings memory of the arena in by one call of the system, which takes a part of the time that as
/// many page faults take (sort_bench). Its content stays.
PINFOLD_API void bring_in(std::byte* data, std::size_t bytes) noexcept;

}  // namespace pinfold::detail

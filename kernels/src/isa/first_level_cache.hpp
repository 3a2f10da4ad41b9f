#pragma once

#include <cstddef>

namespace pinfold::kernels {

/// The bytes of the first-level data cache of the core that asks first, or 32 KiB where the
/// processor does not tell. Thread-safe.
std::size_t first_level_cache_bytes() noexcept;

}  // namespace pinfold::kernels

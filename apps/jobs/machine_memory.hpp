#pragma once

#include <pinfold/engine/range.hpp>
#include <string_view>

namespace pinfold::apps {

/// Throws std::invalid_argument that names both sizes if `bytes` for `what` are more than is free,
/// by affinity::memory_headroom() and the process's limit of address space. Asked before any worker
/// starts: another program may take the memory a moment later.
void check_memory(std::string_view what, uint128 bytes);

}  // namespace pinfold::apps

#pragma once

#include <pinfold/engine/range.hpp>
#include <string_view>

namespace pinfold::apps {

/// Throws std::invalid_argument that names both sizes if `bytes` for `what` are more than all of
/// the machine's memory. A first sieve, before any worker starts: less may still be too much.
void check_memory(std::string_view what, uint128 bytes);

}  // namespace pinfold::apps

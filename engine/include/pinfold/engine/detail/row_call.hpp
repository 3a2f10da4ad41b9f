#pragma once

#include <pinfold/api.hpp>

namespace pinfold::detail {

struct ChunkRow;

/// Calls a map for each chunk of a row. Not for users.
using RowCall = void (*)(ChunkRow& row);

}  // namespace pinfold::detail
